"""Recommenders that write: identifiers, titles, texts or queries."""

GENERATIVE = {
    "identifier-gpt": "recommenders.generate.identifier_gpt:IdentifierGPT",
    "genrec": "recommenders.generate.genrec:GenRec",
    "bigrec": "recommenders.generate.bigrec:BIGRec",
    "gpt4rec": "recommenders.generate.gpt4rec:GPT4Rec",
}
