package io.whygate.gateway.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.config.TracingSettings.ContinueFrom;
import io.whygate.gateway.config.TracingSettings.Sampling;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Heads;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// W3C Trace Context: which traces are continued, and what is decided of those that begin here.
class TracerTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  private static FieldSection fields(String lines) {
    return Heads.request("GET / HTTP/1.1|Host: h" + lines).fields();
  }

  private static Trace begun(String lines, ContinueFrom from, boolean proxy, double ratio) {
    return new Tracer(from, new Sampling(ratio, false)).begin(fields(lines), proxy);
  }

  private static Trace begun(String lines) {
    return begun(lines, ContinueFrom.ALL, false, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "|traceparent: 00-" + TRACE + "-" + SPAN + "-01",
        "|TraceParent: 00-" + TRACE + "-" + SPAN + "-01",
        "|traceparent: 00-" + TRACE + "-" + SPAN + "-ff",
        "|traceparent: 01-" + TRACE + "-" + SPAN + "-01",
        "|traceparent: fe-" + TRACE + "-" + SPAN + "-01-what-comes-later"
      })
  void continuesWhatIsWellFormed(String line) {
    Trace trace = begun(line);
    assertThat(trace.isContinued()).isTrue();
    assertThat(trace.id()).isEqualTo(TRACE);
    assertThat(trace.parent()).isEqualTo(0x00f067aa0ba902b7L);
    assertThat(trace.spanId()).isNotEqualTo(SPAN);
    assertThat(trace.isKept(false)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "|traceparent:",
        "|traceparent: 00-" + TRACE + "-" + SPAN,
        "|traceparent: 00-" + TRACE + "-" + SPAN + "-1",
        "|traceparent: 00-" + TRACE + "-" + SPAN + "-01-more",
        "|traceparent: 01-" + TRACE + "-" + SPAN + "-01.more",
        "|traceparent: ff-" + TRACE + "-" + SPAN + "-01",
        "|traceparent: 0g-" + TRACE + "-" + SPAN + "-01",
        "|traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
        "|traceparent: 00-00000000000000000000000000000000-" + SPAN + "-01",
        "|traceparent: 00-" + TRACE + "-0000000000000000-01",
        "|traceparent: 00_" + TRACE + "-" + SPAN + "-01",
        "|traceparent: 00-"
            + TRACE
            + "-"
            + SPAN
            + "-01|traceparent: 00-"
            + TRACE
            + "-"
            + SPAN
            + "-01"
      })
  void beginsAnewWhereNothingWellFormedIsSent(String line) {
    Trace trace = begun(line);
    assertThat(trace.isContinued()).isFalse();
    assertThat(trace.id()).hasSize(32).isNotEqualTo(TRACE);
    assertThat(trace.parent()).isZero();
    assertThat(trace.isKept(false)).isFalse();
  }

  @Test
  void doesAsTheBeginnerOfATraceDecided() {
    String unsampled = "|traceparent: 00-" + TRACE + "-" + SPAN + "-00";
    assertThat(begun(unsampled, ContinueFrom.ALL, false, 1).isKept(false)).isFalse();
  }

  @Test
  void continuesTheTracesOfTrustedProxiesAloneWhereToldSo() {
    String line = "|traceparent: 00-" + TRACE + "-" + SPAN + "-01";
    assertThat(begun(line, ContinueFrom.TRUSTED_PROXIES, true, 0).isContinued()).isTrue();
    assertThat(begun(line, ContinueFrom.TRUSTED_PROXIES, false, 0).isContinued()).isFalse();
    assertThat(begun(line, ContinueFrom.NONE, true, 0).isContinued()).isFalse();
  }

  @Test
  void keepsAShareOfTheTracesThatBeginHere() {
    long kept =
        IntStream.range(0, 20_000)
            .filter(_ -> begun("", ContinueFrom.ALL, false, 0.25).isKept(false))
            .count();
    // Some 61 is what chance makes of it: this is more than ten times that.
    assertThat(kept).isBetween(4_300L, 5_700L);
    assertThat(begun("", ContinueFrom.ALL, false, 1).isKept(false)).isTrue();
  }

  @Test
  void keepsAFailureWhereToldSo() {
    Trace told = new Tracer(ContinueFrom.ALL, new Sampling(0, true)).begin(fields(""), false);
    assertThat(told.isKept(true)).isTrue();
    assertThat(told.isKept(false)).isFalse();
    assertThat(begun("").isKept(true)).isFalse();
  }

  @Test
  void tellsServersTheSpanThatAsksAndTheDecision() {
    Trace sampled = begun("|traceparent: 00-" + TRACE + "-" + SPAN + "-01");
    assertThat(new String(sampled.line(0xabL), StandardCharsets.US_ASCII))
        .isEqualTo("traceparent: 00-" + TRACE + "-00000000000000ab-01\r\n");
    // Its id is random, which the second flag says.
    assertThat(new String(begun("").line(1), StandardCharsets.US_ASCII))
        .matches("traceparent: 00-[0-9a-f]{32}-0000000000000001-02\r\n");
  }
}
