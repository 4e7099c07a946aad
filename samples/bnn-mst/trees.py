"""What it costs to compute the channels of a binary layer from each other, and a loss that lowers it.

The rows of a layer are the weights of its channels, +1 and -1, n of them each. A channel whose sum is known gives that of
another in as many steps as the two rows differ in: d, or n - d from the negative of the sum. So the cheapest order in which
to compute all channels is a minimum spanning tree over the rows and one more, all -1, whose sum is known for nothing
(Vo et al., "MST-compression: Compressing and Accelerating Binary Neural Networks with Minimum Spanning Tree", ICCV 2023).
"""

import torch


def signs(x):
    """+1 and -1; unlike torch.sign, 0 counts as +1."""
    return torch.where(x >= 0, 1.0, -1.0)


def costs(products, size):
    """The steps between rows of `size` whose products are given: min(d, n - d) = (n - |product|) / 2."""
    return (size - products.abs()) / 2


def with_root(rows):
    """The rows, and the one that costs nothing."""
    return torch.cat([rows, -torch.ones(1, rows.shape[1])])


def minimum_spanning_tree(rows):
    """The parent of each row, and the cost of the edge to it; a row whose parent is the last, len(rows), starts a tree."""
    nodes = with_root(rows)
    distances = costs(nodes @ nodes.T, rows.shape[1])
    root = len(rows)
    parents, best = torch.full([root], root), distances[root, :root].clone()
    reached = torch.zeros(root, dtype=torch.bool)
    for _ in range(root):
        row = int(torch.where(reached, torch.inf, best).argmin())
        reached[row] = True
        closer = ~reached & (distances[row, :root] < best)
        best[closer], parents[closer] = distances[row, :root][closer], row
    return parents, best


def tree_ratio(rows):
    """The cost of the tree, as a part of the weights that there are."""
    return float(minimum_spanning_tree(signs(rows))[1].sum()) / rows.numel()


class Centres:
    """A few prototypes of the rows of a layer. Each row belongs to the nearest, or to its negative."""

    def __init__(self, weight, count):
        self.weight = weight
        self.rows = signs(weight.detach().flatten(1)[:count])
        self.update()

    def update(self):
        """Moves each centre to the majority of its rows, if it has any, and finds the nearest for each row again."""
        rows = signs(self.weight.detach().flatten(1))
        nearest, side = self.assign(rows)
        for centre in nearest.unique():
            members = nearest == centre
            self.rows[centre] = signs((side * rows)[members].sum(dim=0))
        nearest, side = self.assign(rows)
        self.targets = side * self.rows[nearest]

    def assign(self, rows):
        """For each row the number of its centre, and whether it is near that (+1) or its negative (-1)."""
        products = rows @ self.rows.T
        nearest = products.abs().argmax(dim=1)
        return nearest, signs(products.gather(1, nearest[:, None]))

    def distance(self):
        """How far all rows are from their centres: weights that differ, where the latent weights are all +1 and -1."""
        return (self.weight.flatten(1) - self.targets).abs().sum() / 2


class Tree:
    """The minimum spanning tree of a layer, whose edges a loss can shorten from both ends."""

    def __init__(self, weight):
        self.weight = weight
        self.update()

    def update(self):
        """Finds the tree again, and for each edge whether it computes a row (+1) or its negative (-1)."""
        rows = signs(self.weight.detach().flatten(1))
        self.parents = minimum_spanning_tree(rows)[0]
        self.side = signs((rows * with_root(rows)[self.parents]).sum(dim=1, keepdim=True))

    def distance(self):
        """The cost of the tree; gradients pass through the signs as if those were the latent weights."""
        latent = self.weight.flatten(1)
        rows = latent + (signs(latent) - latent).detach()
        return (1 - self.side * rows * with_root(rows)[self.parents]).sum() / 2
