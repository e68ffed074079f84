package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/// What a client gets wrong on streams of one direction, those of QPACK and the control stream,
/// ends its connection by the rules, and leaves nothing in the log: anybody can do it, as often as
/// they like.
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http3OneDirectionTest {
  private final Logger log = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> listening =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            warnings.add(event.getLoggerName() + ": " + event.getFormattedMessage());
          }
        }
      };
  private TestSite site;
  private ScriptedServer server;
  private RunningGateway gateway;

  /// @param control whether the bytes are for the control stream, behind the settings
  private record Wrong(String what, boolean control, String bytes, Http3ErrorCode ending) {
    byte[] sent() {
      return HexFormat.of().parseHex(bytes.replace(" ", ""));
    }
  }

  private static Wrong stream(String what, String bytes, Http3ErrorCode ending) {
    return new Wrong(what, false, bytes, ending);
  }

  private static Wrong control(String what, String bytes, Http3ErrorCode ending) {
    return new Wrong(what, true, bytes, ending);
  }

  @BeforeAll
  void start() throws Exception {
    site = TestSite.make();
    server = new ScriptedServer((peer, _) -> peer.serve());
    gateway = RunningGateway.before(site.listener(""), "", server.uri());
    listening.start();
    log.addAppender(listening);
  }

  @AfterAll
  void stop() throws Exception {
    log.detachAppender(listening);
    gateway.close();
    server.close();
  }

  @TestFactory
  Stream<DynamicTest> endsTheConnectionAndIsNotLogged() {
    return Stream.of(
            stream("a table", "02 3f e1 1f", Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR),
            stream("a field by name", "02 c1 01 61", Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR),
            stream("a field", "02 41 61 01 62", Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR),
            stream("a field again", "02 00", Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR),
            stream(
                "a number without end",
                "02 3f ff ff ff ff ff ff ff ff ff ff ff",
                Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR),
            stream(
                "a field that was never sent", "03 01", Http3ErrorCode.QPACK_DECODER_STREAM_ERROR),
            stream("no fields", "03 00", Http3ErrorCode.QPACK_DECODER_STREAM_ERROR),
            stream("thanks for nothing", "03 84", Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR),
            stream(
                "a count without end",
                "03 3f ff ff ff ff ff ff ff ff ff ff ff",
                Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR),
            stream("a pushed answer", "01 00", Http3ErrorCode.H3_STREAM_CREATION_ERROR),
            stream("another control stream", "00 04 00", Http3ErrorCode.H3_STREAM_CREATION_ERROR),
            control("settings again", "04 00", Http3ErrorCode.H3_FRAME_UNEXPECTED),
            control("content", "00 01 61", Http3ErrorCode.H3_FRAME_UNEXPECTED),
            control("a frame of HTTP/2", "06 00", Http3ErrorCode.H3_FRAME_UNEXPECTED),
            control("a push given up", "03 01 00", Http3ErrorCode.H3_ID_ERROR),
            control("GOAWAY upwards", "07 01 00 07 01 04", Http3ErrorCode.H3_ID_ERROR),
            control("MAX_PUSH_ID downwards", "0d 01 04 0d 01 00", Http3ErrorCode.H3_ID_ERROR),
            control("GOAWAY of nothing", "07 00", Http3ErrorCode.H3_FRAME_ERROR),
            control("GOAWAY of half a number", "07 01 40", Http3ErrorCode.H3_FRAME_ERROR),
            control("a long GOAWAY", "07 09", Http3ErrorCode.H3_FRAME_ERROR),
            control("GOAWAY and more", "07 02 04 00", Http3ErrorCode.H3_FRAME_ERROR),
            control(
                "frames within MAX_PUSH_ID",
                "0d 08 00 22 00 22 00 22 00 22",
                Http3ErrorCode.H3_FRAME_ERROR),
            control("half a setting", "04 01 06", Http3ErrorCode.H3_FRAME_ERROR),
            control("a setting beyond its frame", "04 02 06 40", Http3ErrorCode.H3_FRAME_ERROR),
            control(
                "a type that ends as that of content",
                "c0 00 00 01 00 00 00 00 00",
                Http3ErrorCode.H3_FRAME_ERROR))
        .map(each -> DynamicTest.dynamicTest(each.what, () -> check(each)));
  }

  private void check(Wrong wrong) throws Exception {
    try (H3Client client = site.client().connect(gateway.address())) {
      if (wrong.control) {
        client.control(wrong.sent());
      } else {
        client.unidirectional(wrong.sent());
      }
      // Where Java checks assertions, as in tests, the codec's own may come before its errors.
      assertThat(client.awaitClosed())
          .isIn(wrong.ending.code(), Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR.code());
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void whatIsRightGoesOn() throws Exception {
    try (H3Client client = site.client().connect(gateway.address())) {
      client.control(HexFormat.of().parseHex("0d01040d0108" + "0701080701" + "04" + "2100"));
      client.unidirectional(new byte[] {2, 0x20});
      client.unidirectional(new byte[] {3});
      client.unidirectional(new byte[] {0x21, 1, 2, 3});
      assertThat(client.get("/").answer().text()).isEqualTo("ok");
    }
    assertThat(warnings).isEmpty();
  }
}
