package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.config.Sources;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/// What the next hop is told of a client: X-Forwarded-For, -Proto and -Host, X-Real-IP, Forwarded
/// (RFC 7239), Client-Cert (RFC 9440), Via (RFC 9110 section 7.6.3), CDN-Loop (RFC 8586) and
/// Early-Data (RFC 8470).
///
/// One object a connection, with the bytes that are the same for all its requests. What a client
/// says of itself is dropped, unless it is a trusted proxy: then its chain is kept, and the
/// gateway's entry appended.
public final class ForwardedFields {
  private static final byte[] X_HOST = ascii("X-Forwarded-Host: ");
  private static final byte[] FORWARDED = ascii("\r\nForwarded: for=");
  private static final byte[] HOST = ascii(";host=\"");
  private static final byte[] PROTO_HTTP = ascii("\";proto=http\r\n");
  private static final byte[] PROTO_HTTPS = ascii("\";proto=https\r\n");
  private static final byte[] EARLY = ascii("Early-Data: 1\r\n");

  private final String client;
  private final boolean secure;
  private final boolean trusted;
  private final Sources trustedProxies;
  private final byte[] certificate;
  private final byte[] node;
  private final byte[] constant;
  private final byte[] hops;
  private final boolean early;

  /// For a client that speaks HTTP/1.1.
  ///
  /// @param identity what the gateway calls itself
  public ForwardedFields(Peer peer, Sources trustedProxies, Identity identity) {
    this(peer, trustedProxies, identity, "1.1");
  }

  /// @param identity what the gateway calls itself
  /// @param version of HTTP that the client speaks, as Via names it
  public ForwardedFields(Peer peer, Sources trustedProxies, Identity identity, String version) {
    this.client = addressOf(peer.address());
    this.secure = peer.secure();
    this.certificate = ClientCertificate.fields(peer.certificates());
    this.trustedProxies = trustedProxies;
    this.trusted = trustedProxies.contains(peer.address());
    this.node = ascii(nodeOf(client));
    this.hops =
        ascii(
            "Via: "
                + version
                + " "
                + identity.name()
                + "\r\nCDN-Loop: "
                + identity.name()
                + "; id="
                + identity.instance()
                + "\r\n");
    this.constant =
        ascii(
            "X-Forwarded-For: "
                + client
                + "\r\nX-Real-IP: "
                + client
                + "\r\nX-Forwarded-Proto: "
                + (secure ? "https" : "http")
                + "\r\n");
    this.early = false;
  }

  private ForwardedFields(ForwardedFields of, boolean early) {
    this.client = of.client;
    this.secure = of.secure;
    this.trusted = of.trusted;
    this.trustedProxies = of.trustedProxies;
    this.certificate = of.certificate;
    this.node = of.node;
    this.constant = of.constant;
    this.hops = of.hops;
    this.early = early;
  }

  /// The same for a request that came before the handshake with its client was over, so that it may
  /// be another's repetition: each try of it says so (RFC 8470 section 5.1).
  public ForwardedFields early() {
    return new ForwardedFields(this, true);
  }

  /// Whether that is said; then what the client says of it itself is not passed on.
  boolean isEarly() {
    return early;
  }

  /// What the gateway calls itself towards other hops.
  ///
  /// @param name the pseudonym, the same for all instances
  /// @param instance what tells this instance from others, so that it knows a request that comes
  ///   back to it
  public record Identity(String name, String instance) {

    /// Whether the request has been through this instance before.
    public boolean isLoop(RequestHead request) {
      FieldSection fields = request.fields();
      for (int i = fields.find(FieldName.CDN_LOOP, 0);
          i >= 0;
          i = fields.find(FieldName.CDN_LOOP, i + 1)) {
        if (fields.value(i).contains("id=" + instance)) {
          return true;
        }
      }
      return false;
    }
  }

  /// The client's address as text: the connection's other end.
  public String client() {
    return client;
  }

  /// Whether the connection's other end is a trusted proxy.
  boolean isTrusted() {
    return trusted;
  }

  /// Writes the fields for a request.
  void write(ByteBuf out, RequestHead request) {
    if (trusted) {
      writeChain(out, request);
    } else {
      out.writeBytes(constant);
      byte[] bytes = request.fields().bytes();
      int start = request.authorityStart();
      int length = request.authorityEnd() - start;
      out.writeBytes(X_HOST).writeBytes(bytes, start, length);
      out.writeBytes(FORWARDED).writeBytes(node);
      out.writeBytes(HOST).writeBytes(bytes, start, length);
      out.writeBytes(secure ? PROTO_HTTPS : PROTO_HTTP);
    }
    out.writeBytes(certificate);
    out.writeBytes(hops);
    if (early) {
      out.writeBytes(EARLY);
    }
  }

  /// Whether a trusted proxy says which certificate its client showed, and no other is known.
  boolean passesCertificate() {
    return trusted && certificate.length == 0;
  }

  /// Whether the client came over TLS, to this gateway or to a trusted proxy before it.
  boolean isSecure(RequestHead request) {
    return secure
        || (trusted && request.fields().first(FieldName.X_FORWARDED_PROTO).equals("https"));
  }

  private void writeChain(ByteBuf out, RequestHead request) {
    FieldSection fields = request.fields();
    String chain = fields.joined(FieldName.X_FORWARDED_FOR);
    String proto = fields.first(FieldName.X_FORWARDED_PROTO);
    String host = fields.first(FieldName.X_FORWARDED_HOST);
    String earlier = fields.joined(FieldName.FORWARDED);
    String scheme =
        proto.equals("http") || proto.equals("https") ? proto : secure ? "https" : "http";
    String authority = host.isEmpty() ? request.authority() : host;
    boolean balanced = earlier.chars().filter(c -> c == '"').count() % 2 == 0;
    String text =
        "X-Forwarded-For: "
            + (chain.isEmpty() ? "" : chain + ", ")
            + client
            + "\r\nX-Real-IP: "
            + realClient(chain)
            + "\r\nX-Forwarded-Proto: "
            + scheme
            + "\r\nX-Forwarded-Host: "
            + authority
            + "\r\nForwarded: "
            + (earlier.isEmpty() || !balanced ? "" : earlier + ", ")
            + "for="
            + nodeOf(client)
            + ";host=\""
            + authority.replace("\"", "")
            + "\";proto="
            + scheme
            + "\r\n";
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
  }

  /// The address of the client behind trusted proxies: the last one of the chain that is no trusted
  /// proxy's.
  public String realClient(String chain) {
    if (!trusted || chain.isEmpty()) {
      return client;
    }
    String[] hopsBefore = chain.split(",", -1);
    for (int i = hopsBefore.length - 1; i >= 0; i--) {
      String hop = hopsBefore[i].strip();
      InetAddress address = literal(hop);
      if (address == null) {
        return client;
      }
      if (!trustedProxies.contains(address) || i == 0) {
        return hop;
      }
    }
    return client;
  }

  private static @org.jspecify.annotations.Nullable InetAddress literal(String text) {
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    if (bare.isEmpty()
        || !bare.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == '.' || c == ':')) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(bare);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String addressOf(SocketAddress peer) {
    if (!(peer instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return "unknown";
    }
    InetAddress address = inet.getAddress();
    if (address instanceof Inet6Address v6 && v6.getScopeId() != 0) {
      try {
        return InetAddress.getByAddress(v6.getAddress()).getHostAddress();
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }
    return address.getHostAddress();
  }

  private static String nodeOf(String client) {
    return client.indexOf(':') >= 0 ? "\"[" + client + "]\"" : client;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
