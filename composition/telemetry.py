"""Constructs what metrics and traces are measured with."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.trace import Tracer

from config import Settings
from services.workflow.version import VERSION

_NAME = "latchkey"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What metrics and traces are measured with; no traces without Application Insights."""

    meter: Meter
    tracer: Tracer | None


def compose_telemetry(settings: Settings, resources: AsyncExitStack) -> Telemetry:
    """Construct the meter for `/metrics`, and both for Application Insights if it's configured."""
    about = Resource({SERVICE_NAME: _NAME, SERVICE_VERSION: VERSION})
    readers: list[MetricReader] = [PrometheusMetricReader()]
    tracer: Tracer | None = None
    if settings.telemetry:
        # Imported here since they load slowly and few local runs use them.
        from azure.monitor.opentelemetry.exporter import (
            AzureMonitorMetricExporter,
            AzureMonitorTraceExporter,
        )
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = AzureMonitorMetricExporter(connection_string=settings.telemetry)
        readers.append(PeriodicExportingMetricReader(exporter))
        spans = TracerProvider(resource=about, shutdown_on_exit=False)
        spans.add_span_processor(
            BatchSpanProcessor(AzureMonitorTraceExporter(connection_string=settings.telemetry))
        )
        resources.callback(spans.shutdown)
        tracer = spans.get_tracer(_NAME)
    measures = MeterProvider(
        metric_readers=readers,
        # Without traces there is nothing that exemplars could lead to, and they take time.
        exemplar_filter=None if settings.telemetry else AlwaysOffExemplarFilter(),
        resource=about,
        shutdown_on_exit=False,
    )
    resources.callback(measures.shutdown)  # sends the last measurements
    return Telemetry(measures.get_meter(_NAME), tracer)
