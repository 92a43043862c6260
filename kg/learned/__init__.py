"""A learned reader of claims: a small encoder reads the article, a classifier judges pairs of entities.

candidates.py   a reading → nodes (entities, dates), pairs of them and what rules and gazetteer say of each
pieces.py       text → word pieces with character offsets, in windows
network.py      the encoder's layers and the classifier of pairs (the only file here that knows torch)
reader.py       opens the shipped model; a reading → claims with reasons
"""
