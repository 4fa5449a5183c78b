"""What is counted and measured, in one instance that is passed around: no counters are made at import."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

TURN_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Seconds. WeChat gives up after 5, so what lies beyond is all alike."""


class Metrics:
    """Add by ``metrics.inbound.labels(platform=…, kind=…).inc()``; ``page()`` is what /metrics shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.inbound = self._counter("inbound", "Events taken in from people.", "platform", "kind")
        self.turn_seconds = Histogram(
            "onethread_turn_seconds",
            "How long a turn takes, from the verified event to the commit.",
            buckets=TURN_BUCKETS,
            registry=self.registry,
        )
        self.deliveries = self._counter("deliveries", "Sends that came to an end.", "platform", "outcome")
        self.outbox_due_age = self._gauge(
            "outbox_due_age_seconds", "How long the oldest due delivery has waited."
        )
        self.desk_queue_age = self._gauge(
            "desk_queue_age_seconds", "How long the oldest post for a Slack channel has waited.", "channel"
        )
        self.quarantined = self._counter("quarantined", "Events set aside for an operator.", "platform")
        self.repeated_sends = self._counter(
            "repeated_sends", "Sends tried again although the first may have arrived.", "platform"
        )
        self.stock = self._gauge(
            "stock", "What waits: unresolved tickets; deliveries due, parked, dead; the quarantine.", "what"
        )
        self.decisions = self._counter("decisions", "What turns of people came to.", "why")

        self.revision = self._gauge("revision", "The number of the revision that serves.")
        self.newest_revision = self._gauge(
            "newest_revision",
            "The newest number; above the one that serves where this program can't build it.",
        )

    def page(self) -> bytes:
        """All of it in Prometheus' text format (``prometheus_client.CONTENT_TYPE_LATEST``)."""
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"onethread_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"onethread_{name}", what, labels, registry=self.registry)
