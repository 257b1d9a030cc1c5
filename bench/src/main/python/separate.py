"""Separates a WAV with the package demucs on the processor, with random weights: separate.py SONG OUT."""

import pathlib
import sys
import types

import soundfile
import torch

# A dependency of demucs imports torchaudio for functions that are not called here, and no torchaudio may fit this torch.
sys.modules["torchaudio"] = types.ModuleType("torchaudio")

from demucs.apply import apply_model
from demucs.htdemucs import HTDemucs

SOURCES = ["drums", "bass", "other", "vocals"]

song, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
samples, rate = soundfile.read(song, dtype="float32", always_2d=True)
mix = torch.from_numpy(samples.T.copy())

# The published htdemucs: the defaults, with 512 channels inside the transformer.
model = HTDemucs(SOURCES, bottom_channels=512, segment=7.8).eval()
mono = mix.mean(0)
scaled = (mix - mono.mean()) / (mono.std() + 1e-8)
with torch.no_grad():
    stems = apply_model(model, scaled[None], shifts=0, overlap=0.25, device="cpu")[0]

out.mkdir(parents=True, exist_ok=True)
for name, stem in zip(SOURCES, stems):
    soundfile.write(out / f"{name}.wav", stem.T.numpy(), rate, subtype="PCM_24")
