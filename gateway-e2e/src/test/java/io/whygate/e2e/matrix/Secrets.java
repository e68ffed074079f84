package io.whygate.e2e.matrix;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What no visitor may be told of what lies behind the gateway: addresses, host names, ports, paths
/// of files and of other people's requests, versions of software, fields of the server's, words of
/// logs and of libraries.
final class Secrets {
  private static final Pattern ENDPOINT = Pattern.compile("https?://[^\"\\s]+|unix:[^\"\\s]+");
  private static final Pattern PORT = Pattern.compile(":([0-9]{2,5})\\b");

  private static final List<Pattern> NEVER =
      List.of(
          // An address, v4 or v6.
          Pattern.compile("\\b[0-9]{1,3}(?:\\.[0-9]{1,3}){3}\\b"),
          Pattern.compile("(?<![\\w:])[0-9a-f]{0,4}::[0-9a-f]{1,4}\\b"),
          // A host behind the gateway.
          Pattern.compile("(?i)\\blab\\.test|\\.internal\\b|\\blocalhost\\b|elsewhere\\.example"),
          Pattern.compile("edge\\.example"),
          // A file.
          Pattern.compile("/(?:tmp|var|proc|etc|run|root|home)/|\\.sock\\b|\\.pem\\b|\\.conf\\b"),
          // Software, and its version.
          Pattern.compile(
              "(?i)\\b(?:nginx|apache|openssh|postfix|mysql|redis|netty|openssl|boringssl|jdk)\\b"),
          Pattern.compile("\\b[A-Za-z-]{3,}/[0-9]+\\.[0-9]+\\.[0-9]+"),
          // What the servers of the matrix say of themselves.
          Pattern.compile("\\bsite-[0-9]+|Whygate Faults|Whygate-Probe|x-served-by"),
          // What a library or the system says.
          Pattern.compile("Exception|errno|\\bE[A-Z]{5,}\\b|io\\.whygate|java\\.|SQLSTATE"));

  private Secrets() {}

  /// Those of them that a text has.
  ///
  /// @param scene whose endpoints, and whose path, are secrets too
  static Set<String> in(String text, Scene scene) {
    Set<String> found = new LinkedHashSet<>();
    for (Pattern each : NEVER) {
      Matcher matcher = each.matcher(text);
      while (matcher.find()) {
        found.add(matcher.group());
      }
    }
    for (String own : own(scene)) {
      if (Pattern.compile("(?<![\\w.])" + Pattern.quote(own) + "(?!\\w)").matcher(text).find()) {
        found.add(own);
      }
    }
    return found;
  }

  /// The ports and hosts in the settings of a scene, and the path that its visitor asked for.
  private static Set<String> own(Scene scene) {
    Set<String> own = new LinkedHashSet<>();
    Matcher ports = PORT.matcher(scene.settings());
    while (ports.find()) {
      own.add(ports.group(1));
    }
    Matcher endpoints = ENDPOINT.matcher(scene.settings());
    while (endpoints.find()) {
      String host = URI.create(endpoints.group()).getHost();
      own.add(host == null ? endpoints.group().substring("unix:".length()) : host);
    }
    if (scene.path().length() > 1) {
      own.add(scene.path());
    }
    return own;
  }
}
