import sys
from pathlib import Path

# the small lesson is shared with the tests of training
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))
