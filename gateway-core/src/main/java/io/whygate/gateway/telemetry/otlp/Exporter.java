package io.whygate.gateway.telemetry.otlp;

import io.whygate.diagnostics.proto.ProtoWriter;
import io.whygate.gateway.config.TracingSettings;
import io.whygate.gateway.config.TracingSettings.Collector;
import io.whygate.gateway.config.TracingSettings.Pace;
import io.whygate.gateway.http.RetryAfter;
import io.whygate.gateway.posting.HttpPost;
import io.whygate.gateway.posting.HttpPost.Reply;
import io.whygate.gateway.telemetry.otlp.Tracing.Result;
import io.whygate.gateway.telemetry.otlp.Tracing.Results;
import io.whygate.gateway.trust.Trust;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends spans to a collector (OTLP over HTTP, in Protocol Buffers) from a thread of its own: in
/// batches, each again and again while that may help. Whatever is not taken is counted.
final class Exporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);
  private static final long BETWEEN_WARNINGS_NANOS = Duration.ofMinutes(1).toNanos();
  private static final String SCOPE = "io.whygate";

  private final Collector collector;
  private final Pace pace;
  private final List<Ring<Spans>> rings;
  private final Results results;
  private final HttpPost post;
  private final Map<String, String> fields;
  private final byte[] resource;
  private final byte[] scope;
  private final ProtoWriter out = new ProtoWriter();
  private final Thread thread;
  private volatile boolean closing;
  private @Nullable Spans left;
  private long seenFull;
  private long unsent;
  private boolean failing;
  private long warnedAt = System.nanoTime() - BETWEEN_WARNINGS_NANOS;

  Exporter(TracingSettings settings, List<Ring<Spans>> rings, Tracing.Self self, Results results) {
    this.collector = settings.collector();
    this.pace = collector.pace();
    this.rings = rings;
    this.results = results;
    this.post =
        new HttpPost(
            collector.url(), pace.timeout(), new Trust(collector.trusted(), collector.shown()));
    this.fields = new HashMap<>(collector.headers());
    fields.put("Content-Type", "application/x-protobuf");
    if (collector.gzip()) {
      fields.put("Content-Encoding", "gzip");
    }
    this.resource = resource(settings, self);
    this.scope = scope(self);
    this.thread = Thread.ofPlatform().daemon().name("trace-export").start(this::run);
  }

  private static byte[] resource(TracingSettings settings, Tracing.Self self) {
    ProtoWriter out = new ProtoWriter();
    int resource = out.begin(SpanFields.RESOURCE);
    Attributes attributes =
        new Attributes(out, SpanFields.RESOURCE_ATTRIBUTES)
            .text("service.name", settings.serviceName())
            .text("service.version", self.version())
            .text("service.instance.id", self.instance());
    settings.attributes().forEach(attributes::text);
    return out.end(resource).copy();
  }

  private static byte[] scope(Tracing.Self self) {
    ProtoWriter out = new ProtoWriter();
    int scope = out.begin(SpanFields.SCOPE);
    out.text(SpanFields.SCOPE_NAME, SCOPE).text(SpanFields.SCOPE_VERSION, self.version());
    return out.end(scope).copy();
  }

  /// There are enough spans for a message. For any thread.
  void wake() {
    LockSupport.unpark(thread);
  }

  private void run() {
    try (HttpClient client = post.client()) {
      try {
        sendUntilClosed(client);
      } finally {
        client.shutdownNow();
      }
    } catch (InterruptedException _) {
      // Closed while a collector took its time.
    } catch (RuntimeException e) {
      LOG.error("traces are not exported any more, by an error of the gateway's own", e);
    } finally {
      countUnsent();
    }
  }

  private void sendUntilClosed(HttpClient client) throws InterruptedException {
    boolean last = false;
    while (!last) {
      last = closing;
      sendAll(client);
      if (!last && !closing) {
        LockSupport.parkNanos(this, pace.every().toNanos());
      }
    }
  }

  private void sendAll(HttpClient client) throws InterruptedException {
    List<Spans> batch = batch();
    while (!batch.isEmpty()) {
      int count = batch.stream().mapToInt(Spans::count).sum();
      unsent = count;
      deliver(client, message(batch), count);
      unsent = 0;
      countFull();
      batch = batch();
    }
    countFull();
  }

  private List<Spans> batch() {
    List<Spans> batch = new ArrayList<>();
    int count = 0;
    for (Spans next = next(); next != null; next = next()) {
      if (count > 0 && count + next.count() > pace.batch()) {
        left = next;
        return batch;
      }
      batch.add(next);
      count += next.count();
    }
    return batch;
  }

  private @Nullable Spans next() {
    Spans kept = left;
    if (kept != null) {
      left = null;
      return kept;
    }
    for (Ring<Spans> ring : rings) {
      Spans found = ring.poll();
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private byte[] message(List<Spans> batch) {
    int resourceSpans = out.clear().begin(SpanFields.RESOURCE_SPANS);
    int scopeSpans = out.raw(resource).begin(SpanFields.SCOPE_SPANS);
    out.raw(scope);
    batch.forEach(each -> out.raw(each.bytes()));
    byte[] plain = out.end(scopeSpans).end(resourceSpans).copy();
    return collector.gzip() ? gzip(plain) : plain;
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length / 4);
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new AssertionError("in memory", e);
    }
    return packed.toByteArray();
  }

  private void deliver(HttpClient client, byte[] message, int count) throws InterruptedException {
    Duration wait = pace.backOff();
    for (int tried = 1; ; tried++) {
      String why;
      Duration asked = Duration.ZERO;
      try {
        Reply reply = post.send(client, message, fields);
        if (reply.isSuccess()) {
          taken(ExportReply.of(reply.body()), count);
          return;
        }
        why = "answered " + reply.status();
        if (!isRetryable(reply.status())) {
          failed(Result.REJECTED, count, why);
          return;
        }
        asked = Duration.ofSeconds(Math.max(0, RetryAfter.seconds(reply.retryAfter())));
      } catch (IOException e) {
        why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      }
      if (tried >= pace.attempts() || closing) {
        failed(Result.FAILED, count, why);
        return;
      }
      pause(asked.isZero() ? wait : asked);
      wait = wait.multipliedBy(2);
    }
  }

  /// The statuses after which OTLP has a client try again.
  private static boolean isRetryable(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
  }

  /// Up to half as long again, so that several gateways do not come back together.
  private void pause(Duration wait) {
    long nanos = Math.min(wait.toNanos(), pace.longestBackOff().toNanos());
    long end = System.nanoTime() + nanos + ThreadLocalRandom.current().nextLong(nanos / 2 + 1);
    for (long rest = nanos; rest > 0 && !closing; rest = end - System.nanoTime()) {
      LockSupport.parkNanos(this, rest);
    }
  }

  private void taken(ExportReply reply, int count) {
    long rejected = Math.min(reply.rejected(), count);
    results.count(Result.EXPORTED, count - rejected);
    if (rejected > 0) {
      failed(Result.REJECTED, rejected, "took the rest and said: " + reply.why());
    } else if (failing) {
      failing = false;
      LOG.info("traces are exported again to {}", collector.url());
    }
  }

  private void failed(Result result, long count, String why) {
    results.count(result, count);
    failing = true;
    long now = System.nanoTime();
    if (now - warnedAt >= BETWEEN_WARNINGS_NANOS) {
      warnedAt = now;
      LOG.warn(
          "traces: {} spans were lost, since the collector at {} {}; what follows is in"
              + " whygate_trace_spans_total",
          count,
          collector.url(),
          why);
    }
  }

  private void countFull() {
    long full = rings.stream().mapToLong(Ring::dropped).sum();
    if (full > seenFull) {
      results.count(Result.DROPPED, full - seenFull);
      seenFull = full;
    }
  }

  private void countUnsent() {
    countFull();
    long count = unsent;
    for (Spans each = next(); each != null; each = next()) {
      count += each.count();
    }
    if (count > 0) {
      results.count(Result.DROPPED, count);
      LOG.warn("traces: {} spans were not sent before the end", count);
    }
  }

  /// Sends what waits, for two seconds at most, and ends.
  @Override
  public void close() {
    closing = true;
    wake();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        thread.interrupt();
        thread.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException _) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
