"""Makes the sounds under assets/sounds: three tones by arithmetic, and the fragments of spoken amounts by espeak-ng.

    python packaging/sounds.py

Run by whoever changes them, never at set-up. The fragments were made with espeak-ng 1.51 (voice cmn-latn-pinyin, spoken
from pinyin, 165 words a minute), whose output is free of its licence (GPL-3 covers the program). A site may put
recordings of a person in their place: mono, 16 bit, 22,050 a second, the same for all.
"""

from __future__ import annotations

import array
import math
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "sounds"
RATE = 22_050
#: Name: (frequency in Hz, seconds) of each note.
TONES = {
    "paid": ((659.3, 0.10), (880.0, 0.22)),
    "error": ((220.0, 0.16), (0.0, 0.06), (220.0, 0.24)),
    "attention": ((880.0, 0.14), (0.0, 0.08), (880.0, 0.14), (0.0, 0.08), (659.3, 0.30)),
}
#: In pinyin with tones, since the voice reads that better than characters.
PINYIN = {
    "received": "shou1 kuan3 cheng2 gong1",
    "d0": "ling2", "d1": "yi1", "d2": "er4", "d3": "san1", "d4": "si4", "d5": "wu3", "d6": "liu4", "d7": "qi1",
    "d8": "ba1", "d9": "jiu3", "ten": "shi2", "hundred": "bai3", "thousand": "qian1", "wan": "wan4", "yi": "yi4",
    "yuan": "yuan2", "jiao": "jiao3", "fen": "fen1",
}  # fmt: skip
QUIET = 400  # of 32,767: what is less at either end is cut off
PAUSE_S = {"received": 0.25}


def main() -> int:
    """Write every file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, notes in TONES.items():
        write(FOLDER / f"{name}.wav", tone(notes))
    for name, pinyin in PINYIN.items():
        write(FOLDER / f"{name}.wav", spoken(pinyin) + array.array("h", [0] * round(PAUSE_S.get(name, 0.02) * RATE)))
    print(f"{len(TONES) + len(PINYIN)} files, {sum(file.stat().st_size for file in FOLDER.glob('*.wav'))} bytes")
    return 0


def tone(notes: tuple[tuple[float, float], ...]) -> array.array[int]:
    """Notes one after the other, each with a soft beginning and end."""
    samples = array.array("h")
    for frequency, seconds in notes:
        count = round(seconds * RATE)
        for at in range(count):
            edge = min(1.0, at / (0.01 * RATE), (count - at) / (0.03 * RATE))
            samples.append(round(11_000 * edge * math.sin(2 * math.pi * frequency * at / RATE)))
    return samples


def spoken(pinyin: str) -> array.array[int]:
    """What espeak-ng says, without the silence around it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["espeak-ng", "-v", "cmn-latn-pinyin", "-s", "165", "-a", "140", "-w", file.name, pinyin]
        subprocess.run(command, check=True)
        with wave.open(file.name) as sound:
            samples = array.array("h", sound.readframes(sound.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    loud = [at for at, sample in enumerate(samples) if abs(sample) > QUIET]
    return samples[loud[0] : loud[-1] + 1]


def write(path: Path, samples: array.array[int]) -> None:
    """One file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    sys.exit(main())
