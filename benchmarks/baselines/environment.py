"""What every baseline is told by the harness, and the few words it answers with."""

from __future__ import annotations

import os

TOKEN = os.environ["BENCH_TOKEN"]
SERVER = os.environ["BENCH_SERVER"]
DATABASE_URL = os.environ.get("BENCH_DATABASE_URL", "")
CONCURRENT_UPDATES = int(os.environ.get("BENCH_CONCURRENT_UPDATES", "256"))
RECORDED = "签到成功 ✅"
