package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What the greeting of a TLS client offers, as far as it decides on the answer (RFC 8446 section
/// 4.1.2).
///
/// @param protocols by ALPN; empty where it says nothing of them
/// @param ecdsa whether it takes a certificate with a key on an elliptic curve
/// @param wantsStaple whether it asks for a proof that the certificate was not revoked (RFC 6066
///   section 8)
record ClientHello(List<String> protocols, boolean ecdsa, boolean wantsStaple) {
  ClientHello {
    protocols = List.copyOf(protocols);
  }

  private static final int VERSION_AND_RANDOM = 34;
  private static final int STATUS_REQUEST = 5;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int ALPN = 16;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int TLS_1_3 = 0x0304;

  /// Reads a greeting without the head of its message; what cannot be read counts as not there.
  static ClientHello of(ByteBuf hello) {
    return new Reading(hello).read();
  }

  /// The reading of one greeting.
  private static final class Reading {
    private final ByteBuf in;
    private final List<String> protocols = new ArrayList<>(2);
    private boolean cipher;
    private boolean signature;
    private boolean tls13;
    private boolean wantsStaple;

    Reading(ByteBuf hello) {
      this.in = hello.slice();
    }

    ClientHello read() {
      if (in.readableBytes() > VERSION_AND_RANDOM) {
        in.skipBytes(VERSION_AND_RANDOM);
        of(in, 1);
        ByteBuf ciphers = of(in, 2);
        while (ciphers.readableBytes() >= 2) {
          cipher |= isEcdsa(ciphers.readUnsignedShort());
        }
        of(in, 1);
        ByteBuf extensions = of(in, 2);
        while (extensions.readableBytes() >= 4) {
          int type = extensions.readUnsignedShort();
          extension(type, of(extensions, 2));
        }
      }
      return new ClientHello(protocols, signature && (tls13 || cipher), wantsStaple);
    }

    /// The bytes behind a length, as many as there are.
    private static ByteBuf of(ByteBuf from, int sizeOfLength) {
      if (from.readableBytes() < sizeOfLength) {
        from.skipBytes(from.readableBytes());
        return Unpooled.EMPTY_BUFFER;
      }
      int length = sizeOfLength == 1 ? from.readUnsignedByte() : from.readUnsignedShort();
      return from.readSlice(Math.min(length, from.readableBytes()));
    }

    private void extension(int type, ByteBuf content) {
      switch (type) {
        case SIGNATURE_ALGORITHMS -> {
          ByteBuf schemes = of(content, 2);
          while (schemes.readableBytes() >= 2) {
            signature |= (schemes.readUnsignedShort() & 0xff) == 3;
          }
        }
        case SUPPORTED_VERSIONS -> {
          ByteBuf versions = of(content, 1);
          while (versions.readableBytes() >= 2) {
            tls13 |= versions.readUnsignedShort() == TLS_1_3;
          }
        }
        case STATUS_REQUEST -> wantsStaple = true;
        case ALPN -> {
          ByteBuf names = of(content, 2);
          while (names.isReadable()) {
            protocols.add(of(names, 1).toString(StandardCharsets.US_ASCII));
          }
        }
        default -> {}
      }
    }

    /// Whether it is a suite of TLS 1.2 that is spoken here, for such a key.
    private static boolean isEcdsa(int suite) {
      return suite == 0xc02b || suite == 0xc02c || suite == 0xcca9;
    }
  }
}
