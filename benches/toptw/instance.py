"""The instance as integers, for the solvers beside ours: times are tenths or hundredths, rounded down as the benchmark says."""
import math


class Instance:
    def __init__(self, path, decimals):
        self.scale = 10 ** decimals
        lines = [line.split() for line in open(path) if line.strip()]
        rows = lines[2:]
        self.position = [(float(row[1]), float(row[2])) for row in rows]
        self.duration = [round(float(row[3]) * self.scale) for row in rows]
        self.score = [int(float(row[4])) for row in rows]
        self.opens = [round(float(row[-2]) * self.scale) for row in rows]
        self.closes = [round(float(row[-1]) * self.scale) for row in rows]

    def travel(self, one, other):
        (x, y), (u, v) = self.position[one], self.position[other]
        return math.floor(math.hypot(x - u, y - v) * self.scale + 1e-9)
