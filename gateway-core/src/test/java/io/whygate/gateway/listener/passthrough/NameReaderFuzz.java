package io.whygate.gateway.listener.passthrough;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SniCompletionEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Any bytes as what a client of a pass-through listener begins with: where a name is read of them
/// it is in them, and they pass on whole; else nothing does. Wherever they are cut.
public final class NameReaderFuzz {
  private static final int MOST = 2000;
  private static final String NOT_ASCII = "\ufffd";

  private NameReaderFuzz() {}

  /// Called by Jazzer.
  public static void fuzzerTestOneInput(byte[] bytes) {
    Heard whole = heard(bytes, Math.max(1, bytes.length));
    Heard cut = heard(bytes, 1 + bytes.length / 3);
    check(whole.says(cut), "it depends on where the bytes are cut");
    if (bytes.length < 400) {
      check(whole.says(heard(bytes, 1)), "it depends on whether they come one by one");
    }
    String name = whole.name;
    if (name == null) {
      check(whole.passed.length == 0, "bytes pass on though no name was read");
      return;
    }
    check(Arrays.equals(whole.passed, bytes), "what passes on is not what came");
    check(Arrays.equals(cut.passed, bytes), "cut, what passes on is not what came");
    String text = new String(carried(bytes), StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
    check(name.equals(NOT_ASCII) || text.contains(name), "a name that nobody asked for");
    check(name.length() <= MOST, "a name larger than a greeting may be");
  }

  /// What records carry, one after the other: a greeting, and a name, may lie across several.
  private static byte[] carried(byte[] bytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at + 5 <= bytes.length; ) {
      int size = ((bytes[at + 3] & 0xff) << 8) | (bytes[at + 4] & 0xff);
      int end = Math.min(bytes.length, at + 5 + size);
      all.write(bytes, at + 5, end - at - 5);
      at = end;
    }
    return all.toByteArray();
  }

  /// What came of the bytes.
  ///
  /// @param name what was read; empty where the greeting has none, null where there is no greeting
  private record Heard(@Nullable String name, boolean failed, byte[] passed) {
    boolean says(Heard other) {
      return failed == other.failed
          && (name == null ? other.name == null : name.equals(other.name));
    }
  }

  /// Stands where [PassThroughConnection] does.
  private static final class Listening extends ChannelInboundHandlerAdapter {
    private final ByteArrayOutputStream passed = new ByteArrayOutputStream();
    private @Nullable String name;
    private boolean failed;
    private int names;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf piece = (ByteBuf) message;
      if (!failed) {
        passed.writeBytes(ByteBufUtil.getBytes(piece));
      }
      piece.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      // The connection is given up once a greeting failed, whatever is read of it on its way out.
      if (event instanceof SniCompletionEvent greeting && !failed) {
        if (greeting.isSuccess()) {
          names++;
          name = written(greeting.hostname());
        } else {
          failed = true;
          ctx.close();
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failed = true;
      ctx.close();
    }
  }

  /// The name as it counts. One that is not ASCII is read in this way or that, by the kind of
  /// buffer that it lies in, and refused by what routes it.
  private static String written(@Nullable String name) {
    if (name == null) {
      return "";
    }
    return name.chars().allMatch(each -> each < 0x80) ? name : NOT_ASCII;
  }

  private static Heard heard(byte[] bytes, int size) {
    Listening listening = new Listening();
    EmbeddedChannel channel = new EmbeddedChannel(new NameReader(MOST, 0), listening);
    for (int at = 0; at < bytes.length && channel.isOpen(); at += size) {
      int end = Math.min(bytes.length, at + size);
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, end - at));
    }
    String name = listening.name;
    boolean failed = listening.failed;
    int names = listening.names;
    byte[] passed = listening.passed.toByteArray();
    channel.finishAndReleaseAll();
    check(names <= 1, "a name is told of twice");
    check(name == null || !failed, "a greeting that is none has a name");
    check(name != null || listening.passed.size() == 0, "bytes pass on at the end");
    return new Heard(name, failed, passed);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
