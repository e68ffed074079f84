package io.whygate.gateway.admin;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/// `/metrics`, in the form that the scraper asks for.
final class MetricsPage {
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final PrometheusRegistry registry;

  MetricsPage(PrometheusRegistry registry) {
    this.registry = registry;
  }

  Answer.Document get(Request request) {
    String accept = request.header("Accept");
    ExpositionFormatWriter writer = formats.findWriter(accept);
    EscapingScheme escaping = EscapingScheme.fromAcceptHeader(accept);
    var out = new ByteArrayOutputStream(32 * 1024);
    try {
      writer.write(out, registry.scrape(), escaping);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String type = writer.getContentType() + escaping.toHeaderFormat();
    return new Answer.Document(200, type, out.toByteArray(), Map.of("Vary", "Accept"));
  }
}
