package io.whygate.gateway.acme;

import java.security.Key;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// One block of a file that the gateway itself wrote (RFC 7468).
///
/// @param label such as `CERTIFICATE` or `PRIVATE KEY`
/// @param base64 its content
public record PemBlock(String label, String base64) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z ]+)-----([^-]+)-----END \\1-----");
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  static PemBlock certificate(byte[] der) {
    return new PemBlock("CERTIFICATE", LINES.encodeToString(der));
  }

  /// A key as the JDK encodes it: a private one as PKCS#8, a public one as X.509 says.
  public static PemBlock key(Key key) {
    String label = key instanceof PrivateKey ? "PRIVATE KEY" : "PUBLIC KEY";
    return new PemBlock(label, LINES.encodeToString(key.getEncoded()));
  }

  /// The blocks of a text, in their order; what stands around them is left out.
  public static List<PemBlock> in(String text) {
    return BLOCK
        .matcher(text)
        .results()
        .map(found -> new PemBlock(found.group(1), found.group(2)))
        .toList();
  }

  /// The content.
  ///
  /// @throws IllegalArgumentException where it is no base64
  public byte[] der() {
    return Base64.getMimeDecoder().decode(base64);
  }

  /// The block as it stands in a file.
  public String text() {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
  }
}
