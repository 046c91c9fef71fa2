"""What `helm test` asks: Flower for its health, store and Redis for what the fleet does.

Rooms that aren't on air yet are no failure: a matrix may just have been put in force.
"""

import json
import subprocess
import sys
import urllib.request

for address in sys.argv[1:]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        sys.stdout.write(f"{address}: {answer.status}\n")
asked = ["doppelcast", "status", "--json"]
status = subprocess.run(asked, check=False, capture_output=True, text=True)
sys.stdout.write(status.stdout)
sys.stderr.write(status.stderr)
if not json.loads(status.stdout)["broker_answers"]:
    sys.exit("Redis doesn't answer.")
