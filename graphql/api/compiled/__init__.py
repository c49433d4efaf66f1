"""Whole operations as one statement each, whose answer is the JSON that the client gets.

The resolvers (`api.types`) say what an answer is; what is compiled here says the same faster, for
the fields that `kinds` and `roots` name. An operation with any other field, with arguments that
the resolvers refuse, or with a row that cannot be, is left to the resolvers.
"""
