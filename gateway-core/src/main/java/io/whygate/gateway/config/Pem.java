package io.whygate.gateway.config;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One block of a PEM file (RFC 7468).
///
/// @param label such as `CERTIFICATE` or `PRIVATE KEY`
/// @param encrypted whether a password protects it
/// @param base64 its content
public record Pem(String label, boolean encrypted, String base64) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  /// A certificate as a block.
  ///
  /// @throws CertificateEncodingException where it has no encoding
  public static Pem of(X509Certificate certificate) throws CertificateEncodingException {
    return of("CERTIFICATE", certificate.getEncoded());
  }

  /// A key as the JDK encodes it: a private one as PKCS#8, a public one as X.509 says.
  public static Pem of(Key key) {
    return of(key instanceof PrivateKey ? "PRIVATE KEY" : "PUBLIC KEY", key.getEncoded());
  }

  private static Pem of(String label, byte[] der) {
    return new Pem(label, false, Base64.getEncoder().encodeToString(der));
  }

  /// The blocks of a file, in their order; what stands around them is left out.
  public static List<Pem> blocks(byte[] file) {
    List<Pem> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(new String(file, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      String label = matcher.group(1);
      String body = matcher.group(2);
      boolean encrypted = label.startsWith("ENCRYPTED ") || body.contains("ENCRYPTED");
      blocks.add(new Pem(label, encrypted, content(body)));
    }
    return blocks;
  }

  /// The content; empty where it is no base64.
  public byte[] der() {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      return new byte[0];
    }
  }

  /// The block as it stands in a file.
  public String text() {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, LINES.encodeToString(der()), label);
  }

  /// Fields such as `Proc-Type:` stand before the content.
  private static String content(String body) {
    StringBuilder content = new StringBuilder();
    body.lines().filter(line -> line.indexOf(':') < 0).forEach(content::append);
    return content.toString();
  }
}
