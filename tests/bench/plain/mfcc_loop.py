"""A bare loop of librosa over recordings: `python -m bench.plain.mfcc_loop MANIFEST RELEASE SPEC OUT.npy`."""

import json
import sys

import librosa
import numpy as np
import pandas as pd
import soundfile

manifest, release, spec, out = sys.argv[1:]
given = json.loads(spec)
settings = {key: value for key, value in given.items() if key not in ("extractor", "sample_rate")}
found = []
for path in pd.read_parquet(manifest, columns=["utterance", "path"]).sort_values("utterance")["path"]:
    samples, rate = soundfile.read(f"{release}/{path}", dtype="float32")
    found.append(librosa.feature.mfcc(y=samples, sr=rate, **settings).T)
np.save(out, np.concatenate(found))
