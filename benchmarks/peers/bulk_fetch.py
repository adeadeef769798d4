"""Every header of a mailbox as a script would read it: imap-tools, all at once, kept in a list.

bulk_fetch.py PORT
"""

from __future__ import annotations

import os
import sys

from imap_tools import MailBoxUnencrypted

with MailBoxUnencrypted("127.0.0.1", int(sys.argv[1])).login_utf8("ana", os.environ["HALO_TEST_MAIL"]) as box:
    mails = list(box.fetch(headers_only=True, bulk=True, mark_seen=False))
    subjects = [(mail.from_, mail.subject, mail.date) for mail in mails]
    sys.stdout.write(f"{len(subjects)}\n")
