"""Material for trainings of seconds: two sentences with trees, two with names, and an untrained BERT."""

from __future__ import annotations

from pathlib import Path

import torch

GOAL = """# newpar id = p1
# text = Dybala segna nella Roma.
1	Dybala	Dybala	PROPN	SP	_	2	nsubj	_	_
2	segna	segnare	VERB	V	Mood=Ind|Number=Sing|Person=3|Tense=Pres|VerbForm=Fin	0	root	_	_
3-4	nella	_	_	_	_	_	_	_	_
3	in	in	ADP	E	_	5	case	_	_
4	la	il	DET	RD	Definite=Def|Gender=Fem|Number=Sing|PronType=Art	5	det	_	_
5	Roma	Roma	PROPN	SP	_	2	obl	_	SpaceAfter=No
6	.	.	PUNCT	FS	_	2	punct	_	_

# text = Mourinho esulta.
1	Mourinho	Mourinho	PROPN	SP	_	2	nsubj	_	_
2	esulta	esultare	VERB	V	Mood=Ind|Number=Sing|VerbForm=Fin	0	root	_	SpaceAfter=No
3	.	.	PUNCT	FS	_	2	punct	_	_

"""
NAMES = "Dybala\tB-PER\nsegna\tO\nalla\tO\nJuventus\tB-ORG\n\nIl\tO\nTorino\tB-ORG\nvince\tO\na\tO\nTorino\tB-LOC\n\n"
OTHERS = GOAL.replace("Dybala", "Soulé").replace("Mourinho", "Ranieri")
"""Two more trees, to choose by."""


def bert(folder: Path, layers: int = 2) -> Path:
    """Writes a folder of transformers with an untrained BERT that knows a few words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    words = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        "Dybala",
        "Mourinho",
        "segna",
        "esulta",
        "in",
        "la",
        "Roma",
        "Torino",
        ".",
    ]
    tokens = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    tokens.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokens, bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
        pad_token="<pad>", unk_token="<unk>", model_max_length=64,
    ).save_pretrained(folder)  # fmt: skip
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, pad_token_id=1,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder
