"""Muon for the matrices of the layers, AdamW for the rest."""

from collections import defaultdict

import torch


def orthogonal(g, steps=5):
    """Newton-Schulz iteration towards the nearest orthogonal matrix, for a batch of matrices."""
    a, b, c = 3.4445, -4.7750, 2.0315
    flip = g.shape[1] < g.shape[2]
    x = g.transpose(1, 2) if flip else g
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16()
    for _ in range(steps):
        m = x.transpose(1, 2) @ x
        x = a * x + x @ (b * m + c * (m @ m))
    x = x.float()
    return x.transpose(1, 2) if flip else x


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal; matrices of one shape are handled together."""

    def __init__(self, params, lr=0.02, momentum=0.95, decay=0.0):
        super().__init__(list(params), {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = defaultdict(list)
            for p in group["params"]:
                shapes[tuple(p.shape)].append(p)
            for (rows, cols), params in shapes.items():
                updates = []
                for p in params:
                    state = self.state[p]
                    if "m" not in state:
                        state["m"] = torch.zeros_like(p)
                    state["m"].mul_(group["momentum"]).add_(p.grad)
                    updates.append(p.grad + group["momentum"] * state["m"])
                scale = max(1.0, rows / cols) ** 0.5
                for p, u in zip(params, orthogonal(torch.stack(updates))):
                    p.mul_(1 - group["lr"] * group["decay"]).add_(u, alpha=-group["lr"] * scale)


def build(model, lr_matrix, lr_rest):
    """Both optimizers, with their peak rates remembered for the schedule."""
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "embed" not in n]
    rest = [p for n, p in model.named_parameters() if p.dim() != 2 or "embed" in n]
    both = [Muon(matrices, lr=lr_matrix, decay=0.05), torch.optim.AdamW(rest, lr=lr_rest, betas=(0.9, 0.98), weight_decay=0.0)]
    for o in both:
        for g in o.param_groups:
            g["peak"] = g["lr"]
    return both
