package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetryTokensTest {
  private static final InetSocketAddress CLIENT =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 5000);

  private final AtomicLong now = new AtomicLong(1_000_000_000);
  private final RetryKeys keys = new RetryKeys(Duration.ofSeconds(10), now::get);
  private final RetryTokens tokens = of(keys);
  private final byte[] id = {1, 2, 3, 4, 5, 6, 7, 8};

  private static RetryTokens of(RetryKeys keys) {
    return new RetryTokens(keys, Duration.ofSeconds(10), () -> true, () -> true);
  }

  private byte[] token() {
    ByteBuf out = Unpooled.buffer(tokens.maxTokenLength());
    assertThat(tokens.writeToken(out, Unpooled.wrappedBuffer(id), CLIENT)).isTrue();
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  private int validate(RetryTokens by, byte[] token, InetSocketAddress client) {
    return by.validateToken(Unpooled.wrappedBuffer(token), client);
  }

  private void later(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void aTokenIsGoodForItsClientAndSaysWhichIdItChose() {
    byte[] token = token();
    int offset = validate(tokens, token, CLIENT);
    assertThat(java.util.Arrays.copyOfRange(token, offset, token.length)).isEqualTo(id);
  }

  @Test
  void aTokenIsGoodForNobodyElse() {
    byte[] token = token();
    InetAddress other = InetAddress.ofLiteral("192.0.2.2");
    assertThat(validate(tokens, token, new InetSocketAddress(other, 5000))).isEqualTo(-1);
    assertThat(validate(tokens, token, new InetSocketAddress(CLIENT.getAddress(), 5001)))
        .isEqualTo(-1);
  }

  @Test
  void aTokenThatWasChangedIsGoodForNothing() {
    byte[] token = token();
    for (int i = 0; i < token.length; i++) {
      byte[] changed = token.clone();
      changed[i] ^= 1;
      assertThat(validate(tokens, changed, CLIENT)).isEqualTo(-1);
      assertThat(validate(tokens, java.util.Arrays.copyOf(token, i), CLIENT)).isEqualTo(-1);
    }
  }

  @Test
  void aTokenIsGoodForItsTimeAlone() {
    byte[] token = token();
    later(Duration.ofSeconds(10));
    assertThat(validate(tokens, token, CLIENT)).isPositive();
    later(Duration.ofNanos(1));
    assertThat(validate(tokens, token, CLIENT)).isEqualTo(-1);
  }

  @Test
  void keysAreReplacedAndTheFormerStillOpens() {
    later(Duration.ofHours(1).minusSeconds(1));
    byte[] token = token();
    RetryKeys.Pair before = keys.keys();
    later(Duration.ofSeconds(5));
    assertThat(keys.keys().current()).isNotEqualTo(before.current());
    assertThat(keys.keys().former()).isEqualTo(before.current());
    assertThat(validate(tokens, token, CLIENT)).isPositive();
  }

  @Test
  void otherSocketsOfThePortTakeItAndOtherGatewaysDoNot() {
    byte[] token = token();
    assertThat(validate(of(keys), token, CLIENT)).isPositive();
    assertThat(validate(of(new RetryKeys(Duration.ofSeconds(10), now::get)), token, CLIENT))
        .isEqualTo(-1);
  }

  @Test
  void noneIsGivenWhereNoneIsWanted() {
    ByteBuf out = Unpooled.buffer();
    RetryTokens never = new RetryTokens(keys, Duration.ofSeconds(10), () -> true, () -> false);
    assertThat(never.writeToken(out, Unpooled.wrappedBuffer(id), CLIENT)).isFalse();
    assertThat(out.isReadable()).isFalse();
  }

  @Test
  void nobodyIsAnsweredWhereNoConnectionIsTaken() {
    byte[] token = token();
    ByteBuf out = Unpooled.buffer();
    RetryTokens shut = new RetryTokens(keys, Duration.ofSeconds(10), () -> false, () -> true);
    assertThatThrownBy(() -> shut.writeToken(out, Unpooled.wrappedBuffer(id), CLIENT))
        .hasMessage("no connection is taken now");
    assertThat(out.isReadable()).isFalse();
    assertThat(validate(shut, token, CLIENT)).isEqualTo(-1);
  }
}
