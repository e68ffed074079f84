package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Any bytes as the greeting of a TLS client, whole or broken off: what is read of it is there, and
/// nothing behind its end counts.
public final class GreetingFuzz {
  private GreetingFuzz() {}

  /// Called by Jazzer.
  public static void fuzzerTestOneInput(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes).asReadOnly();
    ClientHello whole = ClientHello.of(in);
    check(in.readerIndex() == 0 && in.refCnt() == 1, "the greeting is not as it was");
    check(ClientHello.of(in).equals(whole), "read again, it says something else");
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int named = 0;
    for (String each : whole.protocols()) {
      boolean isAscii = each.chars().allMatch(c -> c < 0x80);
      check(!isAscii || text.contains(each), "a protocol that nobody named");
      named += each.length() + 1;
    }
    check(named <= bytes.length, "more protocols than there is room for");
    ByteBuf more = Unpooled.wrappedBuffer(new byte[] {0x7f}, bytes).skipBytes(1);
    check(ClientHello.of(more).equals(whole), "it depends on what is before it");
    for (int length = 0; length < bytes.length; length += 1 + bytes.length / 16) {
      ClientHello part = ClientHello.of(Unpooled.wrappedBuffer(Arrays.copyOf(bytes, length)));
      check(part.protocols().size() <= whole.protocols().size(), "a part says more than the whole");
      check(!part.ecdsa() || whole.ecdsa(), "a part offers what the whole does not");
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
