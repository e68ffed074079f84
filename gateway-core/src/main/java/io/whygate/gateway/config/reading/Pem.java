package io.whygate.gateway.config.reading;

import java.nio.charset.StandardCharsets;
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
record Pem(String label, boolean encrypted, String base64) {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  static List<Pem> blocks(byte[] file) {
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
  byte[] der() {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      return new byte[0];
    }
  }

  /// Fields such as `Proc-Type:` stand before the content.
  private static String content(String body) {
    StringBuilder content = new StringBuilder();
    body.lines().filter(line -> line.indexOf(':') < 0).forEach(content::append);
    return content.toString();
  }
}
