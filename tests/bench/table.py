"""Renders the document of the bench as a table."""

# Limits, in multiples of the time of SHA-256 for the same file (memory: 400 MB for any size).
LIMITS = {
    "detect, early stop": 1 / 6,
    "detect --full --shares 1": 0.5,
    "embed, one share": 1.5,
    "embed, automatic": 3.0,
}
# Name, command, the command it is compared with, and the limit; processor times. A *no* tries
# every usual reading. Heads and the output head are further sites of the mark.
RATIOS = [
    ("a no / --full", "detect, unmarked", "detect --full --shares 1", 6.0),
    ("early stop, all sites / FFN", "detect, early stop", "detect, early stop, FFN", None),
    ("--full, all sites / FFN", "detect --full --shares 1", "detect --full, FFN", 1.2),
    ("embed, FFN and heads / FFN", "embed, FFN and heads", "embed, FFN", 1.2),
    ("embed, all sites / FFN and heads", "embed, one share", "embed, FFN and heads", 1.1),
]
PEAK_BYTES_MAX = 400_000_000
OF_BF16_MIN = 0.5  # weights per second of an encoded type, relative to bf16


def cell(value, form):
    return "" if value is None else format(value, form)


def megabytes(value):
    return "" if value is None else f"{value / 1e6:.0f}"


def render(document):
    machine, rows = document["machine"], document["rows"]
    lines = [f"{document['bytes'] / 1e9:.2f} GB of bf16 weights, warm cache; "
             f"{machine['processor']}, {machine['cores']} cores "
             f"({', '.join(machine['extensions'])}), {machine['openssl']}", ""]
    head = ("measure", "seconds", "GB/s", "x sha256", "x sha256*", "limit", "x cat", "peak MB",
            "8 GB: peak MB")
    form = "{:<30} {:>8} {:>6} {:>9} {:>10} {:>6} {:>7} {:>8} {:>14}"
    lines.append(form.format(*head))
    for row in rows:
        lines.append(form.format(
            row["measure"], cell(row["seconds"], ".3f"),
            cell(document["bytes"] / row["seconds"] / 1e9, ".2f"), cell(row["ratio"], ".3f"),
            cell(row["ratio_without_sha"], ".3f"), cell(row["limit"], ".3f"),
            cell(row["times_cat"], ".2f"), megabytes(row["peak_bytes"]),
            megabytes(row["large_peak_bytes"])).rstrip())
    lines += ["", "x sha256*: relative to OpenSSL without the SHA extensions of the processor, as "
              "on the machine", "where the limits were set. x cat: relative to reading. Peak "
              f"memory: at most {PEAK_BYTES_MAX / 1e6:.0f} MB."]
    lines += ["", "processor times, median of the ratios in each round", ""]
    form = "{:<34} {:>6} {:>6}"
    lines.append(form.format("ratio", "x", "limit"))
    lines += [form.format(row["measure"], cell(row["ratio"], ".2f"),
                          cell(row["limit"], ".2f")).rstrip() for row in document["ratios"]]
    lines += ["", "detect --full on the same shapes, by type", ""]
    form = "{:<30} {:>12} {:>10} {:>6} {:>8}"
    lines.append(form.format("type", "M weights/s", "x BF16", "limit", "peak MB"))
    for row in document["encoded"]:
        limit = "" if row["type"] == "BF16" else f"{OF_BF16_MIN:.3f}"
        lines.append(form.format(row["type"], f"{row['weights_per_second'] / 1e6:.0f}",
                                 f"{row['of_bf16']:.3f}", limit, megabytes(row["peak_bytes"])))
    return "\n".join(lines)
