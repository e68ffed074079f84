package io.whygate.e2e.lab;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The built gateway as a process of its own, with a configuration file of its own, one listener
/// and an admin interface on ports that were free.
public final class GatewayProcess implements AutoCloseable {
  private static final String MAIN = "io.whygate.gateway.cli.Main";
  private static final String LEAK_DETECTION = "-Dio.netty.leakDetection.level=paranoid";

  /// One that lives for seconds is over before the second compiler pays: it takes half of the
  /// processor time of a start.
  private static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Place place;
  private final Folder folder;
  private final int port;
  private final int adminPort;
  private final LabProcess process;
  private final HttpClient client = HttpClient.newHttpClient();

  private GatewayProcess(
      Place place, Folder folder, int port, int adminPort, List<String> command) {
    this.place = place;
    this.folder = folder;
    this.port = port;
    this.adminPort = adminPort;
    this.process = LabProcess.start(place, folder.path(), Map.of("LANG", "C.UTF-8"), command);
  }

  /// Starts it with these settings inside `whygate { }`; the listener and the admin interface are
  /// added. Waits until it says that it is ready.
  public static GatewayProcess start(Place place, String settings) {
    Folder folder = Folder.create("gateway");
    int port = place.freePort();
    int adminPort = place.freePort();
    folder.write("gateway.conf", configuration(place, port, adminPort, settings));
    return new GatewayProcess(
            place, folder, port, adminPort, command(List.of("run", "--config", "gateway.conf")))
        .awaitReady();
  }

  /// The same from archives, as the program ships: a class is read from a file that is open
  /// already, and takes no descriptor of its own.
  public static GatewayProcess startPacked(Place place, String settings) {
    Folder folder = Folder.create("gateway");
    int port = place.freePort();
    int adminPort = place.freePort();
    folder.write("gateway.conf", configuration(place, port, adminPort, settings));
    List<String> command = new ArrayList<>(command(List.of("run", "--config", "gateway.conf")));
    int at = command.indexOf("-cp") + 1;
    command.set(at, packed(folder.path(), command.get(at)));
    return new GatewayProcess(place, folder, port, adminPort, command).awaitReady();
  }

  /// The same without the leak detector, which notes where it is at each byte that is read, and as
  /// it is compiled for a long run: for what looks at times.
  public static GatewayProcess startUnwatched(String settings) {
    return startUnwatched("256m", "", settings);
  }

  /// The same with a heap of this size, and more settings of its listener.
  public static GatewayProcess startUnwatched(String heap, String listener, String settings) {
    Folder folder = Folder.create("gateway");
    int port = Place.HERE.freePort();
    int adminPort = Place.HERE.freePort();
    folder.write("gateway.conf", configuration(Place.HERE, port, adminPort, listener, settings));
    List<String> command = new ArrayList<>(command(List.of("run", "--config", "gateway.conf")));
    command.removeAll(List.of(LEAK_DETECTION, FIRST_COMPILER));
    command.replaceAll(each -> each.startsWith("-Xmx") ? "-Xmx" + heap : each);
    return new GatewayProcess(Place.HERE, folder, port, adminPort, command).awaitReady();
  }

  private static String packed(Path folder, String classPath) {
    List<String> packed = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      if (!Files.isDirectory(Path.of(entry))) {
        packed.add(entry);
        continue;
      }
      String archive = folder.resolve(packed.size() + ".jar").toString();
      String jar = Path.of(System.getProperty("java.home"), "bin", "jar").toString();
      LabProcess.run(Place.HERE, folder, jar, "-c", "-0", "-f", archive, "-C", entry, ".");
      packed.add(archive);
    }
    return String.join(File.pathSeparator, packed);
  }

  /// The same, on this machine.
  public static GatewayProcess start(String settings) {
    return start(Place.HERE, settings);
  }

  /// Before one upstream called `site`, all paths, with more settings for the upstream.
  public static GatewayProcess before(URI upstream, String upstreamSettings) {
    return start(oneSite(upstream, upstreamSettings));
  }

  /// The settings that [#before(URI, String)] uses.
  public static String oneSite(URI upstream, String upstreamSettings) {
    return """
    upstreams { site { endpoints = ["%s"]
    %s
    } }
    routes = [ { path = "/", upstream = site } ]
    """
        .formatted(upstream, upstreamSettings);
  }

  /// Runs a command of the program that ends by itself, such as `check`.
  public static LabProcess command(Path folder, String... arguments) {
    return command(folder, Map.of(), arguments);
  }

  /// The same, at another place.
  public static LabProcess command(Place place, Path folder, String... arguments) {
    return LabProcess.start(place, folder, Map.of(), command(List.of(arguments)));
  }

  /// The same, with more environment variables.
  public static LabProcess command(
      Path folder, Map<String, String> environment, String... arguments) {
    return LabProcess.start(Place.HERE, folder, environment, command(List.of(arguments)));
  }

  /// The command line of the program, without arguments.
  public static List<String> commandLine() {
    return command(List.of());
  }

  private static String configuration(Place place, int port, int adminPort, String settings) {
    return configuration(place, port, adminPort, "", settings);
  }

  private static String configuration(
      Place place, int port, int adminPort, String listener, String settings) {
    return """
    whygate {
      listeners = [ { bind = "%1$s:%2$d"%5$s } ]
      admin { bind = "127.0.0.1:%3$d" }
    %4$s
    }
    """
        .formatted(place.address(), port, adminPort, settings, listener);
  }

  private static List<String> command(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseCompactObjectHeaders",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                FIRST_COMPILER,
                LEAK_DETECTION,
                "-cp",
                classPath(),
                MAIN));
    command.addAll(arguments);
    return command;
  }

  /// The project's own modules as this build compiled them, and every library as the program ships
  /// it.
  private static String classPath() {
    List<String> path =
        List.of(
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .split(File.pathSeparator));
    Path core =
        path.stream()
            .map(Path::of)
            .filter(entry -> entry.toString().contains("/gateway-core/target/"))
            .findFirst()
            .orElseThrow();
    Path lib = core.resolveSibling("lib");
    if (!Files.isDirectory(lib)) {
      return String.join(File.pathSeparator, path);
    }
    try (Stream<Path> libraries = Files.list(lib)) {
      Stream<String> own =
          path.stream()
              .filter(entry -> entry.matches(".*/gateway-(core|diagnostics|faults)/target/.*"));
      return Stream.concat(
              own,
              libraries
                  .filter(jar -> !jar.getFileName().toString().startsWith("gateway-"))
                  .map(Path::toString))
          .reduce((a, b) -> a + File.pathSeparator + b)
          .orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private GatewayProcess awaitReady() {
    Await.until(
        "the gateway is ready",
        PATIENCE,
        () -> {
          if (!process.isRunning()) {
            throw new AssertionError("the gateway ended\n" + warnings());
          }
          return isReady();
        },
        this::warnings);
    return this;
  }

  private boolean isReady() throws IOException, InterruptedException {
    if (place.prefix().isEmpty()) {
      return admin("/readyz").statusCode() == 200;
    }
    try (LabProcess curl =
        LabProcess.start(place, folder.path(), "curl", "-fsS", adminUri() + "/readyz")) {
      return curl.awaitExit(PATIENCE) == 0;
    }
  }

  /// Where visitors come in.
  public URI uri() {
    return URI.create("http://" + place.address() + ":" + port);
  }

  /// Where operators look.
  public URI adminUri() {
    return URI.create("http://127.0.0.1:" + adminPort);
  }

  /// A GET through the gateway, with header names and values in turn.
  public HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(uri() + path)).timeout(Duration.ofSeconds(60));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /// A GET of the admin interface.
  public HttpResponse<String> admin(String path) throws IOException, InterruptedException {
    if (!place.prefix().isEmpty()) {
      throw new IllegalStateException("in a namespace: use curl at the place");
    }
    return client.send(
        HttpRequest.newBuilder(URI.create(adminUri() + path)).timeout(PATIENCE).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// A POST to the admin interface.
  public HttpResponse<String> adminPost(String path, String json)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(adminUri() + path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// The newest incident with this cause, as operators see it. Waits for it: where no visitor saw a
  /// page, the examination may end after the answer.
  public JsonObject incident(String cause) {
    List<JsonObject> found = new ArrayList<>();
    Await.until(
        "an incident " + cause,
        Duration.ofSeconds(30),
        () -> {
          String body = admin("/api/incidents?cause=" + cause).body();
          JsonArray incidents =
              JsonParser.parseString(body).getAsJsonObject().getAsJsonArray("incidents");
          if (incidents.isEmpty()) {
            return false;
          }
          found.add(incidents.get(0).getAsJsonObject());
          return true;
        },
        () -> warnings() + incidentsNow());
    return found.getFirst();
  }

  /// Its incidents, as operators see them.
  public String incidentsNow() {
    try {
      return admin("/api/incidents").body();
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e.toString();
    }
  }

  /// What it printed, without the access log.
  public String warnings() {
    return process
        .output()
        .lines()
        .filter(line -> !line.startsWith("{") && !line.contains(" DEBUG "))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /// Writes other settings into its configuration file, at once as a whole; the gateway reads it by
  /// itself.
  public void rewriteConfiguration(String settings) {
    Path next = folder.write("gateway.conf.next", configuration(place, port, adminPort, settings));
    try {
      Files.move(
          next,
          folder.path().resolve("gateway.conf"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// What it printed.
  public String output() {
    return process.output();
  }

  public LabProcess process() {
    return process;
  }

  /// Resident memory in bytes.
  public long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(Arrays.asList(line.split("\\s+")).get(1)) * 1024)
        .findFirst()
        .orElse(0);
  }

  /// Ends it.
  ///
  /// @throws AssertionError when it lost a buffer on its way: Netty's leak detector is on
  @Override
  public void close() {
    client.shutdownNow();
    process.close();
    folder.close();
    if (process.output().contains("LEAK:")) {
      throw new AssertionError("a buffer leaked\n" + warnings());
    }
  }
}
