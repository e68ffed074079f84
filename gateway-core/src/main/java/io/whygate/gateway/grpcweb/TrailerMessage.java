package io.whygate.gateway.grpcweb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.whygate.gateway.http.Chunks;
import io.whygate.gateway.http.FieldSection;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The last message of an answer, which has the trailers: flag 0x80, the length, and a line for
/// each, its name in lower case (PROTOCOL-WEB.md, "Message framing").
public final class TrailerMessage {
  private static final int FLAG = 0x80;
  private static final int PREFIX = 5;
  private static final String OF_BROWSER = "access-control-";

  private final ByteBuf out = ByteBufAllocator.DEFAULT.buffer(256);

  /// Begins one, whose buffer is the caller's by [#end].
  public TrailerMessage() {
    out.writeByte(FLAG).writeInt(0);
  }

  public TrailerMessage add(String name, String value) {
    out.writeCharSequence(name.toLowerCase(Locale.ROOT), StandardCharsets.ISO_8859_1);
    out.writeByte(':').writeCharSequence(value, StandardCharsets.ISO_8859_1);
    out.writeByte('\r').writeByte('\n');
    return this;
  }

  /// Whether a field of a section is one of a call's trailers, where it may be: it may pass on, and
  /// is not for the browser.
  static boolean takes(FieldSection fields, int field) {
    return Chunks.mayPass(fields, field)
        && !fields.name(field).regionMatches(true, 0, OF_BROWSER, 0, OF_BROWSER.length());
  }

  /// Adds those of a section.
  TrailerMessage add(FieldSection trailers) {
    for (int i = 0; i < trailers.count(); i++) {
      if (takes(trailers, i)) {
        add(trailers.name(i), trailers.value(i));
      }
    }
    return this;
  }

  /// The message; the caller's.
  public ByteBuf end() {
    return out.setInt(1, out.readableBytes() - PREFIX);
  }
}
