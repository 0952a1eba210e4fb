"""Weightmark marks checkpoints of language models and finds the marks again.

    >>> key = weightmark.Key.generate()
    >>> weightmark.embed("model", "marked", key=key)
    >>> weightmark.detect("marked", key=key).verdict
    'conclusive'

Models are paths (a folder, a weights file or an index) or, but for `embed`, a mapping of
names to torch tensors or numpy arrays, such as `model.state_dict()`. Long functions
release the GIL; Ctrl-C stops them within about a second and leaves nothing half-written.
"""
from ._claims import arbitrate
from ._claims_values import Arbitration, CaseFinding, CaseLink, CaseWeight, CrossZ
from ._core import Key, version
from ._lineage_values import ComparedNotice, Comparison, ExpertShare, LineageFamily, \
    LineageTest, Parent
from ._logits import collect_logits, detect_logits
from ._logits_values import LogitsDetection, LogitsReading
from ._marks import detect, embed, embed_, keygen, write_part
from ._model_values import HeadInfo, Inspection, Notice, SiteCapacity, Skipped, TensorCount, \
    TensorInfo
from ._models import compare, inspect
from ._signing import sign, verify
from ._signing_values import Reason, Signed, Uncovered, Verification
from ._tracing import trace
from ._values import Detection, Error, GroupZ, LicenseeZ, Marked, PartWritten, SiteZ, Trace

__all__ = ["Arbitration", "CaseFinding", "CaseLink", "CaseWeight", "ComparedNotice", "Comparison",
           "CrossZ", "Detection", "Error", "ExpertShare", "GroupZ", "HeadInfo", "Inspection", "Key",
           "LicenseeZ", "LineageFamily", "LineageTest", "LogitsDetection", "LogitsReading",
           "Marked", "Notice", "Parent", "PartWritten", "Reason", "Signed", "SiteCapacity", "SiteZ",
           "Skipped", "TensorCount", "TensorInfo", "Trace", "Uncovered", "Verification",
           "arbitrate", "collect_logits", "compare", "detect", "detect_logits", "embed", "embed_",
           "inspect", "keygen", "sign", "trace", "verify", "write_part"]
__version__ = version()
