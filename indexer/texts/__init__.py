"""What people read: message catalogues in eight languages, plurals by CLDR, amounts in ether."""
