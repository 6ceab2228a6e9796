"""A slow browser on demand: `SLOW_BROWSER=cpu=6,latency=300,seed=1`, as CONTRIBUTING says.

Chromium's processor is throttled `cpu` times, and each request that a script makes waits between
0 and `latency` milliseconds at random, so that answers come in other orders than they mostly do.
"""

import os
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

SCRIPT = """(() => {
  const state = { seed: %(seed)d };
  const wait = () => {
    state.seed = (state.seed * 1103515245 + 12345) %% 2147483648;
    return (state.seed / 2147483648) * %(latency)d;
  };
  const { fetch } = window;
  const kept = new Set();
  window.fetch = (...given) => {
    return new Promise((resolve) => {
      if (given[1]?.keepalive) kept.add(resolve);
      setTimeout(() => (kept.delete(resolve), resolve()), wait());
    }).then(() => {
      given[1]?.signal?.throwIfAborted();
      return fetch(...given);
    });
  };
  addEventListener("pagehide", () => kept.forEach((resolve) => resolve()));
  const { send, abort } = XMLHttpRequest.prototype;
  const timers = new WeakMap();
  XMLHttpRequest.prototype.send = function (...given) {
    timers.set(this, setTimeout(() => timers.delete(this) && send.apply(this, given), wait()));
  };
  XMLHttpRequest.prototype.abort = function () {
    if (!timers.has(this)) return abort.call(this);
    clearTimeout(timers.get(this));
    timers.delete(this);
    this.dispatchEvent(new ProgressEvent("abort"));
  };
})()"""


@dataclass(frozen=True)
class Slow:
    """How slow the browser is to be."""

    cpu: int = 1
    latency: int = 0  # milliseconds at most
    seed: int = 1


def asked_for() -> Slow:
    """Read SLOW_BROWSER; nothing is slow without it."""
    given = [one.split("=") for one in os.environ.get("SLOW_BROWSER", "").split(",") if one]
    return Slow(**{name: int(number) for name, number in given})


def slow_down(context: BrowserContext) -> None:
    """Make every page of it as slow as SLOW_BROWSER says."""
    slow = asked_for()
    if slow.latency:
        context.add_init_script(SCRIPT % {"seed": slow.seed, "latency": slow.latency})
    if slow.cpu > 1:

        def throttle(page: Page) -> None:
            session = context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": slow.cpu})

        context.on("page", throttle)
