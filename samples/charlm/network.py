"""The language model in PyTorch: a transformer that looks back only, whose hidden layers end in ReLU."""

import torch
from torch.nn import functional

CONTEXT = 64  # characters
CHANNELS = 64
HEADS = 4
HIDDEN = 512  # neurons of a feed-forward part
BLOCKS = 3


def weights(*shape):
    return torch.nn.Parameter(torch.randn(shape) * 0.05)


class Attention(torch.nn.Module):
    """Each position mixes what it and those before it have, once for each head."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.joined = (weights(CHANNELS, CHANNELS) for _ in range(4))
        self.register_buffer("future", torch.full((CONTEXT, CONTEXT), -torch.inf).triu(1), persistent=False)

    def forward(self, x):
        query, key, value = (self.heads(x @ part) for part in (self.query, self.key, self.value))
        scores = query @ key.transpose(-1, -2) * (CHANNELS // HEADS) ** -0.5 + self.future
        return (scores.softmax(dim=-1) @ value).transpose(-3, -2).reshape(x.shape) @ self.joined

    def heads(self, x):
        """[..., positions, channels] as [..., heads, positions, channels of a head]"""
        return x.unflatten(-1, (HEADS, CHANNELS // HEADS)).transpose(-3, -2)


class FeedForward(torch.nn.Module):
    """Two dense layers. Of the neurons between them a ReLU leaves few that are not 0."""

    def __init__(self):
        super().__init__()
        self.up, self.up_bias = weights(CHANNELS, HIDDEN), torch.nn.Parameter(torch.zeros(HIDDEN))
        self.down, self.down_bias = weights(HIDDEN, CHANNELS), torch.nn.Parameter(torch.zeros(CHANNELS))

    def forward(self, x):
        """The result, and the neurons."""
        neurons = functional.relu(x @ self.up + self.up_bias)
        return neurons @ self.down + self.down_bias, neurons


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention = torch.nn.LayerNorm(CHANNELS), Attention()
        self.norm2, self.feed = torch.nn.LayerNorm(CHANNELS), FeedForward()

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        change, neurons = self.feed(self.norm2(x))
        return x + change, neurons


class Network(torch.nn.Module):
    def __init__(self, characters):
        super().__init__()
        self.characters, self.positions = weights(characters, CHANNELS), weights(CONTEXT, CHANNELS)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(BLOCKS))
        self.norm, self.head = torch.nn.LayerNorm(CHANNELS), weights(CHANNELS, characters)

    def forward(self, tokens):
        """The logits [..., 64, characters] of the next character at each position, and the neurons of each block."""
        x, neurons = self.characters[tokens] + self.positions, []
        for block in self.blocks:
            x, hidden = block(x)
            neurons.append(hidden)
        return self.norm(x) @ self.head, neurons

    @torch.no_grad()
    def round_to_half(self):
        """Rounds all weights to half precision, in which the model is written."""
        for weight in self.parameters():
            weight.copy_(weight.half().float())
