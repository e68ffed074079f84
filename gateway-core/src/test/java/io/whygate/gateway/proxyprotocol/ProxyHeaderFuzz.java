package io.whygate.gateway.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;

/// Any bytes as the beginning of a front's connection: what comes of them does not depend on how
/// they are cut, nothing behind a header is taken, and nothing that is too long is waited for.
public final class ProxyHeaderFuzz {
  private static final int MOST = 1024;

  private ProxyHeaderFuzz() {}

  /// Called by Jazzer.
  public static void fuzzerTestOneInput(byte[] bytes) {
    ByteBuf all = Unpooled.wrappedBuffer(bytes);
    ProxyHeader.Reading whole = ProxyHeader.read(all, MOST);
    int taken = all.readerIndex();
    check(taken <= MOST, "more was taken than a header may have");
    switch (whole) {
      case ProxyHeader.Incomplete _ -> {
        check(taken == 0 && bytes.length < MOST, "it waits for what is too long");
      }
      case ProxyHeader.Malformed(String why) -> check(!why.isEmpty(), "no reason");
      case ProxyHeader.Whole _ -> {
        for (int length = 0; length < taken; length++) {
          ByteBuf part = Unpooled.wrappedBuffer(Arrays.copyOf(bytes, length));
          ProxyHeader.Reading early = ProxyHeader.read(part, MOST);
          check(early instanceof ProxyHeader.Incomplete, "it was read before it was there");
          check(part.readerIndex() == 0, "bytes of a part were taken");
        }
        ByteBuf alone = Unpooled.wrappedBuffer(Arrays.copyOf(bytes, taken));
        check(
            said(ProxyHeader.read(alone, MOST)).equals(said(whole)), "it depends on what follows");
      }
    }
  }

  /// What a reading says, its fields by their bytes.
  private static List<Object> said(ProxyHeader.Reading reading) {
    if (!(reading instanceof ProxyHeader.Whole(ProxyHeader header))) {
      return List.of(reading);
    }
    List<String> fields =
        header.fields().stream().map(f -> f.type() + Arrays.toString(f.value())).toList();
    return List.of(header.ends(), header.secure(), header.id(), fields);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }
}
