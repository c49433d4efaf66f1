"""Files that people attach to what they write: how they come in, are checked, kept and given."""
