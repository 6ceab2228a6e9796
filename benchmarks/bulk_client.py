"""Many interactions at once with the SDK's async client; runs in the SDK's own environment.

`python -m benchmarks.bulk_client ADDRESS KEY N` prints {"seconds": …, "processor": …} as JSON.
"""

import asyncio
import json
import sys
import time

from adaptive_sdk import AsyncAdaptive

AT_ONCE = 30


async def main(address: str, key: str, n: int) -> None:
    """Log `n` interactions of 2 KB and say how long it took."""
    client = AsyncAdaptive(base_url=address, api_key=key)
    client.set_default_project("bench")
    free = asyncio.Semaphore(AT_ONCE)

    async def log(number: int) -> None:
        async with free:
            await client.interactions.create(
                messages=[
                    {"role": "system", "content": "You help people. " * 20},
                    {"role": "user", "content": f"{number}: {'why do maples turn red? ' * 30}"},
                ],
                completion=f"Answer {number}: {'because of anthocyanins. ' * 30}",
                labels={"env": "prod", "team": f"team-{number % 20}", "version": "1.2"},
            )

    await log(0)
    began, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(log(number) for number in range(n)))
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    print(json.dumps({"seconds": seconds, "processor": processor}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
