package io.whygate.e2e;

import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.PhpFpm;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/// What a test needs of the machine: `root`, `namespaces`, or a command, by its name on the path
/// (`nginx`, `php-fpm`, `chromium`), or `wordpress`. Where it is missing the test is skipped and
/// says why; with `CI=true` it fails instead, so that nothing goes unnoticed there. `./verify`
/// installs what can be.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(Needs.Condition.class)
public @interface Needs {

  /// The names of what is needed.
  String[] value();

  /// Decides by what the machine has.
  final class Condition implements ExecutionCondition {
    private static final List<Path> FOLDERS =
        List.of(
            Path.of("/usr/sbin"),
            Path.of("/usr/bin"),
            Path.of("/sbin"),
            Path.of("/bin"),
            Path.of("/usr/local/bin"),
            Path.of("/usr/local/sbin"));

    private static final Map<String, String> PACKAGES =
        Map.ofEntries(
            Map.entry("apache2", "apache2-bin"),
            Map.entry("php-fpm", "php-fpm php-mysql php-gd"),
            Map.entry("mariadbd", "mariadb-server-core mariadb-client-core"),
            Map.entry("node", "nodejs"),
            Map.entry("knotd", "knot"),
            Map.entry("kdig", "knot-dnsutils"),
            Map.entry("gtlsclient", "ngtcp2-client"),
            Map.entry("h2load", "nghttp2-client"),
            Map.entry("nft", "nftables"),
            Map.entry("ip", "iproute2"),
            Map.entry("ping", "iputils-ping"),
            Map.entry("promtool", "prometheus"));

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      List<String> missing = new ArrayList<>();
      context
          .getElement()
          .flatMap(element -> AnnotationSupport.findAnnotation(element, Needs.class))
          .ifPresent(needs -> {
            for (String need : needs.value()) {
              missing(need).ifPresent(missing::add);
            }
          });
      if (missing.isEmpty()) {
        return ConditionEvaluationResult.enabled("all there");
      }
      String reason = "needs " + String.join(", ", missing);
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(reason + " (in CI nothing is skipped)");
      }
      return ConditionEvaluationResult.disabled(reason);
    }

    private static Optional<String> missing(String need) {
      return switch (need) {
        case "root" -> isRoot() ? Optional.empty() : Optional.of("root");
        case "namespaces" ->
            isRoot() && isCommand("ip") && Files.exists(Path.of("/proc/self/ns/net"))
                ? Optional.empty()
                : Optional.of("root and iproute2, for network namespaces");
        case "wordpress" ->
            Files.exists(Path.of("/usr/share/wordpress/wp-login.php"))
                ? Optional.empty()
                : Optional.of("Debian's wordpress (apt install wordpress)");
        case "nginx-stream" ->
            Files.exists(Nginx.STREAM)
                ? Optional.empty()
                : Optional.of("nginx's module stream (apt install libnginx-mod-stream)");
        case "grpc-js" -> missingModule("@grpc/grpc-js");
        case "acorn", "grpc-web", "ws" -> missingModule(need);
        case "kubernetes-models" -> missingModule("@kubernetes-models/traefik");
        default ->
            isCommand(need)
                ? Optional.empty()
                : Optional.of(need + " (apt install " + PACKAGES.getOrDefault(need, need) + ")");
      };
    }

    private static Optional<String> missingModule(String name) {
      return Files.exists(Repository.ROOT.resolve("target/node/node_modules").resolve(name))
          ? Optional.empty()
          : Optional.of(name + " in target/node (./verify installs it by npm)");
    }

    private static boolean isRoot() {
      try {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
      } catch (IOException | UnsupportedOperationException e) {
        return false;
      }
    }

    private static boolean isCommand(String name) {
      if (name.equals("php-fpm")) {
        return PhpFpm.program().isPresent();
      }
      return FOLDERS.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(name)));
    }
  }
}
