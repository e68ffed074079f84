package io.whygate.gateway.connection.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusReaderTest {

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 200 OK|', 200",
    "'HTTP/1.0 503|', 503",
    "'HTTP/1.1 100 Continue||HTTP/1.1 204 No Content|', 204",
    "'HTTP/1.1 103 Early Hints|Link: </a>||HTTP/1.1 500 x|', 500",
    "'SSH-2.0-OpenSSH|', 0",
    "'HTTP/2.0 200', 0",
    "'HTTP/1.1 2', 0",
    "'', 0"
  })
  void readsStatusHoweverTheBytesCome(String text, int status) {
    byte[] bytes = text.replace("|", "\r\n").getBytes(StandardCharsets.US_ASCII);
    assertThat(read(bytes, bytes.length)).containsExactly(status);
    assertThat(read(bytes, 1)).containsExactly(status);
  }

  private static List<Integer> read(byte[] bytes, int piece) {
    List<Integer> told = new ArrayList<>();
    EmbeddedChannel channel = new EmbeddedChannel(new StatusReader(told::add));
    for (int i = 0; i < bytes.length; i += piece) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, i, Math.min(piece, bytes.length - i)));
    }
    channel.finishAndReleaseAll();
    return told;
  }
}
