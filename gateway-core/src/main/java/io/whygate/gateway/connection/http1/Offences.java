package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.WireFacts.Spot;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;

/// Finds the byte of an answer that broke the rules, with those beside it.
final class Offences {
  private Offences() {}

  /// The byte at an index of the buffer that was read last.
  ///
  /// @param received bytes of the answer up to the end of that buffer
  static Spot in(ByteBuf bytes, int index, long received) {
    int at = Math.clamp(index, 0, Math.max(0, bytes.writerIndex() - 1));
    int from = Math.max(0, at - Spot.BESIDE);
    int to = Math.min(bytes.writerIndex(), at + Spot.BESIDE);
    return to <= from
        ? Spot.NONE
        : new Spot(
            received - (bytes.writerIndex() - at),
            bytes.toString(from, to - from, StandardCharsets.ISO_8859_1),
            at - from);
  }

  /// The byte at which a head broke the rules; none where it is no single byte.
  static Spot in(ResponseHead head) {
    FieldSection fields = head.fields();
    int at = head.offset();
    int taken = fields.filled();
    if (at < 0 || at >= taken) {
      return Spot.NONE;
    }
    int from = Math.max(0, at - Spot.BESIDE);
    int to = Math.min(taken, at + Spot.BESIDE);
    return new Spot(at, fields.text(from, to), at - from);
  }
}
