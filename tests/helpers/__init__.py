"""What tests share: small jobs, releases, projects and results, and slow references of networks."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the repository
