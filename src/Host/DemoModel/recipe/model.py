"""A Qwen2 decoder as Hugging Face defines it, small and plain, with a cache for evaluation."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Shape:
    """The dimensions of the model."""

    vocab: int = 768
    hidden: int = 192
    layers: int = 6
    heads: int = 6
    kv_heads: int = 2
    head_dim: int = 32
    ffn: int = 512
    context: int = 1024
    theta: float = 10000.0
    eps: float = 1e-6


def rms_norm(x, weight, eps):
    """Root mean square normalisation."""
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


class Norm(nn.Module):
    """The weight of one normalisation."""

    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))


class Attention(nn.Module):
    """Attention with grouped keys and values, biases on q, k and v, rotary positions."""

    def __init__(self, s):
        super().__init__()
        self.s = s
        self.q_proj = nn.Linear(s.hidden, s.heads * s.head_dim)
        self.k_proj = nn.Linear(s.hidden, s.kv_heads * s.head_dim)
        self.v_proj = nn.Linear(s.hidden, s.kv_heads * s.head_dim)
        self.o_proj = nn.Linear(s.heads * s.head_dim, s.hidden, bias=False)

    def forward(self, x, cos, sin, mask, cache=None, at=None):
        s, (b, t, _) = self.s, x.shape
        weight = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        bias = torch.cat([self.q_proj.bias, self.k_proj.bias, self.v_proj.bias])
        heads = F.linear(x, weight, bias).view(b, t, -1, s.head_dim).transpose(1, 2)
        rotated, v = heads.split([s.heads + s.kv_heads, s.kv_heads], 1)
        half = s.head_dim // 2
        turned = torch.cat([-rotated[..., half:], rotated[..., :half]], -1)
        rotated = rotated * cos + turned * sin
        q, k = rotated.split([s.heads, s.kv_heads], 1)
        if cache is not None:
            if at is None:
                cache[0][:, :, :t], cache[1][:, :, :t] = k, v
            else:
                rows = torch.arange(b)
                cache[0][rows, :, at], cache[1][rows, :, at] = k[:, :, 0], v[:, :, 0]
                k, v = cache
        group = s.heads // s.kv_heads
        q = q.reshape(b, s.kv_heads, group * t, s.head_dim)  # the heads of a group share keys and values
        scores = (q @ k.transpose(2, 3)).float().view(b, s.kv_heads, group, t, -1) * s.head_dim ** -0.5 + mask
        p = scores.softmax(-1).to(v.dtype).view(b, s.kv_heads, group * t, -1)
        out = (p @ v).view(b, s.heads, t, s.head_dim).transpose(1, 2).reshape(b, t, -1)
        return self.o_proj(out)


class Mlp(nn.Module):
    """The gated feed-forward part."""

    def __init__(self, s):
        super().__init__()
        self.gate_proj = nn.Linear(s.hidden, s.ffn, bias=False)
        self.up_proj = nn.Linear(s.hidden, s.ffn, bias=False)
        self.down_proj = nn.Linear(s.ffn, s.hidden, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """One layer of the decoder."""

    def __init__(self, s):
        super().__init__()
        self.eps = s.eps
        self.input_layernorm = Norm(s.hidden)
        self.self_attn = Attention(s)
        self.post_attention_layernorm = Norm(s.hidden)
        self.mlp = Mlp(s)

    def forward(self, x, cos, sin, mask, cache=None, at=None):
        x = x + self.self_attn(rms_norm(x, self.input_layernorm.weight, self.eps), cos, sin, mask, cache, at)
        return x + self.mlp(rms_norm(x, self.post_attention_layernorm.weight, self.eps))


class Decoder(nn.Module):
    """Embedding, layers and the last normalisation; the embedding is the output matrix too."""

    def __init__(self, s):
        super().__init__()
        self.s = s
        self.embed_tokens = nn.Embedding(s.vocab, s.hidden)
        self.layers = nn.ModuleList(Layer(s) for _ in range(s.layers))
        self.norm = Norm(s.hidden)
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif p.dim() == 2:
                scale = (2 * s.layers) ** -0.5 if "o_proj" in name or "down_proj" in name else 1.0
                nn.init.normal_(p, std=0.02 if "embed" in name else scale * p.shape[1] ** -0.5)
        angles = torch.arange(s.context).float()[:, None] * s.theta ** (-torch.arange(0, s.head_dim, 2).float() / s.head_dim)
        angles = torch.cat([angles, angles], -1)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, ids):
        """The last hidden states of right-padded rows."""
        t = ids.shape[1]
        mask = torch.full((t, t), -1e9).triu(1)
        cos, sin = self.cos[:t], self.sin[:t]
        x = self.embed_tokens(ids)
        if torch.is_autocast_cpu_enabled():
            x, cos, sin = x.bfloat16(), cos.bfloat16(), sin.bfloat16()
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return rms_norm(x.float(), self.norm.weight, self.s.eps)

    def logits(self, hidden):
        """Scores over the vocabulary."""
        return F.linear(hidden, self.embed_tokens.weight)

    def count(self):
        """The number of parameters."""
        return sum(p.numel() for p in self.parameters())

    @torch.no_grad()
    def greedy(self, prompts, end, limit=96):
        """Continue each prompt (lists of ids) greedily until the end token; a batch at once."""
        s, b = self.s, len(prompts)
        sizes = torch.tensor([len(p) for p in prompts])
        longest = int(sizes.max())
        total = min(longest + limit, s.context)
        ids = torch.zeros(b, longest, dtype=torch.long)
        for i, p in enumerate(prompts):
            ids[i, :len(p)] = torch.tensor(p)
        caches = [[torch.zeros(b, s.kv_heads, total, s.head_dim) for _ in "kv"] for _ in self.layers]
        x = self.embed_tokens(ids)
        mask = torch.full((longest, longest), -1e9).triu(1)
        for layer, cache in zip(self.layers, caches):
            x = layer(x, self.cos[:longest], self.sin[:longest], mask, cache)
        hidden = x[torch.arange(b), sizes - 1]
        out, done, at = [[] for _ in prompts], torch.zeros(b, dtype=torch.bool), sizes.clone()
        while True:
            token = self.logits(rms_norm(hidden, self.norm.weight, s.eps)).argmax(-1)
            done |= (token == end) | (at >= total)
            if done.all():
                return out
            for i in (~done).nonzero().flatten().tolist():
                out[i].append(int(token[i]))
            place = at.clamp(max=total - 1)
            mask = torch.where(torch.arange(total)[None] <= place[:, None], 0.0, -1e9)[:, None, None, None]
            x = self.embed_tokens(token)[:, None]
            cos, sin = self.cos[place][:, None, None], self.sin[place][:, None, None]
            for layer, cache in zip(self.layers, caches):
                x = layer(x, cos, sin, mask, cache, place)
            hidden, at = x[:, 0], at + 1
