package io.whygate.benchmarks;

import io.whygate.benchmarks.peer.Site;
import java.util.ArrayList;
import java.util.List;

/// What clients do in a row of the table.
///
/// @param connections at the same time
/// @param streams requests at the same time on each, by HTTP/2; 0 for HTTP/1.1
/// @param secure whether by TLS
/// @param path what is asked for; `N` in it is a number from 1 to `routes`, another each time
/// @param body bytes that are posted; 0 for GET
/// @param padding bytes of a further header field
/// @param closing whether each request has a connection of its own
/// @param expected the status that is right
record Load(
    int connections,
    int streams,
    boolean secure,
    String path,
    int body,
    int padding,
    boolean closing,
    int routes,
    int expected) {

  static Load get(int connections, String path) {
    return new Load(connections, 0, false, path, 0, 0, false, 0, 200);
  }

  Load overTls() {
    return new Load(connections, streams, true, path, body, padding, closing, routes, expected);
  }

  Load overHttp2(int newStreams) {
    return new Load(connections, newStreams, true, path, body, padding, closing, routes, expected);
  }

  Load posting(int bytes) {
    return new Load(connections, streams, secure, path, bytes, padding, closing, routes, expected);
  }

  Load padded(int bytes) {
    return new Load(connections, streams, secure, path, body, bytes, closing, routes, expected);
  }

  Load closingEach() {
    return new Load(connections, streams, secure, path, body, padding, true, routes, expected);
  }

  Load amongRoutes(int count) {
    return new Load(connections, streams, secure, path, body, padding, closing, count, expected);
  }

  Load failing(int status) {
    return new Load(connections, streams, secure, path, body, padding, closing, routes, status);
  }

  boolean isHttp2() {
    return streams > 0;
  }

  String url(Site site) {
    return secure ? "https://127.0.0.1:" + site.tlsPort() : "http://127.0.0.1:" + site.port();
  }

  /// What wrk is told, as its scripts are written.
  String script() {
    StringBuilder script = new StringBuilder();
    if (body > 0) {
      script
          .append("wrk.method = \"POST\"\nwrk.body = string.rep(\"x\", ")
          .append(body)
          .append(")\n");
    }
    if (closing) {
      script.append("wrk.headers[\"Connection\"] = \"close\"\n");
    }
    if (padding > 0) {
      script
          .append("wrk.headers[\"X-Padding\"] = string.rep(\"p\", ")
          .append(padding)
          .append(")\n");
    }
    if (routes > 0) {
      int at = path.indexOf('N');
      script
          .append("request = function() return wrk.format(nil, \"")
          .append(path, 0, at)
          .append("\" .. math.random(")
          .append(routes)
          .append(") .. \"")
          .append(path, at + 1, path.length())
          .append("\") end\n");
    }
    // Errors by kind, and latencies in microseconds, on one line that is easily read.
    script.append(
        """
        done = function(summary, latency)
          local e = summary.errors
          io.write(string.format("RESULT %d %d %d %d %d %d %d %d %d %d\\n",
            summary.requests, summary.duration, e.connect + e.read + e.write, e.timeout, e.status,
            latency:percentile(50), latency:percentile(90), latency:percentile(99),
            latency:percentile(99.9), summary.bytes))
        end
        """);
    return script.toString();
  }

  List<String> wrk(Site site, String scriptFile, int seconds) {
    return List.of(
        "wrk",
        "-t1",
        "-c" + connections,
        "-d" + seconds + "s",
        "--timeout",
        "10s",
        "-s",
        scriptFile,
        url(site) + path.replace("N", "1"));
  }

  List<String> h2load(Site site, String logFile, int seconds) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "h2load",
                "-t1",
                "-c" + connections,
                "-m" + streams,
                "-D" + seconds,
                "--log-file=" + logFile));
    command.add(url(site) + path);
    return command;
  }
}
