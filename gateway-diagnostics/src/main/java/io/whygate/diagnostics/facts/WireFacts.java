package io.whygate.diagnostics.facts;

import java.util.List;
import java.util.Optional;

/// What the wire showed of an attempt beside its first bytes. Gathered at the failure alone.
///
/// @param chain the certificates that the server showed, leaf first, each in DER; empty without
///   TLS, and where [AttemptFailure.TlsRejected] has them
/// @param protocol the version of TLS, such as `TLSv1.3`; empty without TLS
/// @param cipher the cipher suite; empty without TLS
/// @param spoken what was spoken, by its name in ALPN, such as `h2`; empty where that is not known
/// @param spot the byte of the answer that broke the rules; [Spot#NONE] where none did
/// @param icmp the ICMP message that ended the try to connect; empty where none did, or where the
///   system does not tell
public record WireFacts(
    List<byte[]> chain,
    String protocol,
    String cipher,
    String spoken,
    Spot spot,
    Optional<IcmpMessage> icmp) {
  /// The name of HTTP/2 in ALPN.
  public static final String HTTP2 = "h2";

  /// The name of HTTP/1.1 in ALPN.
  public static final String HTTP1 = "http/1.1";

  public static final WireFacts NONE = new WireFacts(List.of(), "", "", "", Spot.NONE);

  /// What an accepted connection showed.
  public WireFacts(List<byte[]> chain, String protocol, String cipher, String spoken, Spot spot) {
    this(chain, protocol, cipher, spoken, spot, Optional.empty());
  }

  /// What a try to connect was told.
  public static WireFacts told(Optional<IcmpMessage> icmp) {
    return icmp.isEmpty() ? NONE : new WireFacts(List.of(), "", "", "", Spot.NONE, icmp);
  }

  public WireFacts {
    chain = List.copyOf(chain);
  }

  /// A byte of an answer, with those beside it.
  ///
  /// @param offset where it lies in the answer, the first byte being 0
  /// @param around the bytes beside it and itself, one character (U+0000 to U+00FF) a byte
  /// @param mark where it lies in `around`
  public record Spot(long offset, String around, int mark) {
    public static final Spot NONE = new Spot(-1, "", -1);

    /// How many bytes are kept before and after it.
    public static final int BESIDE = 48;

    public boolean isKnown() {
      return offset >= 0;
    }
  }
}
