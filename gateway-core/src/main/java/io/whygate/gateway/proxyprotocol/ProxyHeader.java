package io.whygate.gateway.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.util.AttributeKey;
import java.util.List;
import java.util.Optional;

/// What a front says at the start of a connection of the client whose connection it passes on.
///
/// @param ends of the client's connection to the front; empty where the connection is the front's
///   own, such as a check of health, or where it cannot tell: then those of the connection hold
/// @param secure whether the client spoke TLS to the front
/// @param id by which the front's logs name the client's connection; empty where it has none
/// @param fields what else it says, as it came
public record ProxyHeader(Optional<Ends> ends, boolean secure, String id, List<Field> fields) {
  /// One that tells of no client.
  public static final ProxyHeader OWN = new ProxyHeader(Optional.empty(), false, "", List.of());

  /// What a front said, at the channel of its connection; null for none.
  public static final AttributeKey<ProxyHeader> SAID =
      AttributeKey.valueOf(ProxyHeader.class, "SAID");

  public ProxyHeader {
    fields = List.copyOf(fields);
  }

  /// A field of type, length and value.
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Field(int type, byte[] value) {}

  /// What was read of a connection's first bytes.
  public sealed interface Reading {}

  /// More bytes are needed.
  public record Incomplete() implements Reading {
    static final Incomplete INSTANCE = new Incomplete();
  }

  /// It is none.
  ///
  /// @param why for operators; says nothing that came from the other side
  public record Malformed(String why) implements Reading {}

  /// It is whole, and has been taken from the buffer.
  public record Whole(ProxyHeader header) implements Reading {}

  /// Reads a header of version 1 or 2 from the start of a connection. A buffer from which none can
  /// come any more is recognized by the first byte that does not fit.
  ///
  /// @param most how long a header of version 2 may be, bytes
  public static Reading read(ByteBuf in, int most) {
    if (!in.isReadable()) {
      return Incomplete.INSTANCE;
    }
    return in.getByte(in.readerIndex()) == BinaryHeader.SIGNATURE[0]
        ? BinaryHeader.read(in, most)
        : TextHeader.read(in);
  }

  /// Whether a buffer begins as these bytes do, as far as it goes.
  static boolean begins(ByteBuf in, byte[] signature) {
    int known = Math.min(in.readableBytes(), signature.length);
    for (int i = 0; i < known; i++) {
      if (in.getByte(in.readerIndex() + i) != signature[i]) {
        return false;
      }
    }
    return true;
  }
}
