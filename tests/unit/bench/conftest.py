import sys
from pathlib import Path

# the benchmarks are a package beside the tests
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
