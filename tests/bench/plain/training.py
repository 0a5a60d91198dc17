"""The loop one writes at first: a Dataset, a DataLoader that pads to the longest, test one utterance at a time."""

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset


class Items(Dataset):
    """Frames and label of each segment, in memory."""

    def __init__(self, frames, labels):
        self.frames, self.labels = frames, labels

    def __len__(self):
        return len(self.frames)

    def __getitem__(self, index):
        return torch.from_numpy(self.frames[index].copy()), self.labels[index]


def pad(items):
    """A batch: frames padded to the longest, lengths (None where nothing is padded), labels."""
    frames, labels = zip(*items, strict=True)
    lengths = torch.tensor([len(one) for one in frames])
    uneven = lengths if lengths.unique().numel() > 1 else None
    return pad_sequence(frames, batch_first=True), uneven, torch.tensor(labels)


class PlainTraining:
    """Network, optimiser and data of one run."""

    def __init__(self, *, network, optimizer, frames, labels, test):
        self.network = network
        self.optimizer = torch.optim.Adam(self.network.parameters(), **optimizer)
        self.items, self.test = Items(frames, labels), test

    def epoch(self, batches):
        """A step on each of these batches of indices; the mean loss."""
        self.network.train()
        losses = []
        for frames, lengths, labels in DataLoader(self.items, batch_sampler=batches, collate_fn=pad):
            self.optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(self.network(frames, lengths), labels)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    def predict(self):
        """Probabilities of the test utterances (N, C): the mean over each one's segments."""
        self.network.eval()
        with torch.no_grad():
            found = [
                torch.softmax(self.network(torch.from_numpy(segments)), dim=1).mean(dim=0) for segments in self.test
            ]
        return torch.stack(found).numpy()
