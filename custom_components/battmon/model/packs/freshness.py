"""Whether what is known of a member may be used."""

from .members import Member, Quality, Why


def age_of(member: Member, now: float) -> float | None:
    """Return the age of a member's newest sample in s, `None` without one. `now` as `Instant.monotonic`."""
    seen_at = member.seen_at if member.state is None else member.state.sampled_at
    return None if seen_at is None else max(0.0, now - seen_at.monotonic)


def why_not(member: Member, now: float) -> Why | None:
    """Return why nothing of a member may be used, `None` if it may be."""
    state = member.state
    if member.absent is not None or state is None:
        return member.absent or Why.NOT_SEEN
    sampled = state.sampled_at
    if state.paused or sampled is None:
        return Why.PAUSED if state.paused else Why.NOT_SEEN
    # A virtual battery without its members gives old values until its time to be unhealthy is over.
    if state.lost or (state.pack is not None and state.pack.quality is Quality.UNAVAILABLE):
        return Why.LOST
    return Why.STALE if now - sampled.monotonic > member.stale_after or not state.healthy else None
