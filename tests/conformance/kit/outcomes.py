"""What a stream of subunit says of each test; Tempest and the clients' own tests can both write one."""

import re

import subunit
import testtools

# How a traceback ends, and how Tempest begins what it adds.
EXCEPTION = re.compile(r"(Details|[\w.]+\.\w+(Error|Exception|Invalid\w*)): ")


class Outcomes(testtools.StreamResult):
    """The status of each test, and of each class whose fixture failed or was skipped."""

    def __init__(self):
        super().__init__()
        self.status_of, self._details = {}, {}

    @classmethod
    def read(cls, file):
        """Reads a file with a stream; what is not subunit in it is left out."""
        outcomes = cls()
        with file.open("rb") as stream:
            subunit.ByteStreamToStreamResult(stream, non_subunit_name="stdout").run(outcomes)
        return outcomes

    def status(self, test_id=None, test_status=None, file_name=None, file_bytes=None, **_):
        """Called for each event."""
        if test_id is None:
            return
        if test_status not in (None, "inprogress", "exists"):
            self.status_of[test_id] = test_status
        if file_bytes and file_name in ("traceback", "reason"):
            self._details[test_id] = self._details.get(test_id, b"") + file_bytes

    def reason(self, test_id):
        """Why a test did not pass: the last line that names an exception, else the last of all."""
        text = self._details.get(test_id, b"").decode(errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
        named = [line for line in lines if EXCEPTION.match(line)]
        return f"{self.status_of[test_id]}: {(named or lines)[-1][:300]}"
