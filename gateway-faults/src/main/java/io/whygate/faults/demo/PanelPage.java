package io.whygate.faults.demo;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The panel as HTML: the buttons, and the part that changes.
final class PanelPage {
  private static final String FRAME = Resources.text("panel-frame.html");

  private final DemoPorts ports;

  PanelPage(DemoPorts ports) {
    this.ports = ports;
  }

  String whole(Optional<Breakage> broken, Optional<List<IncidentLine>> incidents) {
    return FRAME
        .replace("{{site}}", ports.gatewayAddress() + "/")
        .replace("{{admin}}", ports.adminAddress() + "/")
        .replace("{{buttons}}", buttons(broken))
        .replace("{{state}}", state(broken))
        .replace("{{incidents}}", incidents(incidents));
  }

  /// The state and the incidents, which the script fetches again and again.
  String live(Optional<Breakage> broken, Optional<List<IncidentLine>> incidents) {
    return "<div data-part=\"state\">%s</div><div data-part=\"incidents\">%s</div>\n"
        .formatted(state(broken), incidents(incidents));
  }

  private String state(Optional<Breakage> broken) {
    if (broken.isEmpty()) {
      return """
      <section class="state well">
      <p><strong>All is well</strong>The shop, the journal and the checkout answer.</p>
      <div class="actions"><a class="open" href="%s" target="site">Open the shop</a></div>
      </section>
      """
          .formatted(address("/"));
    }
    Breakage now = broken.get();
    return """
    <section class="state broken" data-broken="%s">
    <p><strong>Broken: %s</strong>%s</p>
    <div class="actions"><a class="open" href="%s" target="site">See what a visitor sees</a>
    <form method="post" action="/mend"><button type="submit">Mend it all</button></form></div>
    </section>
    """
        .formatted(
            now.id(), Html.escaped(now.title()), Html.escaped(now.does()), address(now.path()));
  }

  private String buttons(Optional<Breakage> broken) {
    return Arrays.stream(Breakage.Part.values())
        .map(part -> part(part, broken))
        .collect(Collectors.joining());
  }

  private String part(Breakage.Part part, Optional<Breakage> broken) {
    String cards =
        Arrays.stream(Breakage.values())
            .filter(breakage -> breakage.part() == part)
            .map(breakage -> card(breakage, broken.filter(breakage::equals).isPresent()))
            .collect(Collectors.joining());
    return "<section><h2>%s</h2><ul class=\"cards\">%s</ul></section>\n"
        .formatted(Html.escaped(part.title()), cards);
  }

  private String card(Breakage breakage, boolean current) {
    return """
    <li id="%1$s" data-breakage="%1$s"%2$s><div class="card">
    <form method="post" action="/break"><input type="hidden" name="breakage" value="%1$s">\
    <button type="submit" aria-describedby="%1$s-does">%3$s</button></form>
    <p id="%1$s-does">%4$s</p>
    <div class="links"><a href="%5$s" target="site" aria-label="Open the page for: %3$s">Open the page</a><code>%6$s</code></div>
    </div></li>
    """
        .formatted(
            breakage.id(),
            current ? " data-current" : "",
            Html.escaped(breakage.title()),
            Html.escaped(breakage.does()),
            address(breakage.path()),
            Html.escaped(breakage.causes().getFirst()));
  }

  private static String incidents(Optional<List<IncidentLine>> incidents) {
    String list =
        incidents
            .map(PanelPage::lines)
            .orElse("<p class=\"quiet\">The gateway's admin interface does not answer.</p>");
    return "<section><h2>Recent incidents</h2>" + list + "</section>\n";
  }

  private static String lines(List<IncidentLine> incidents) {
    if (incidents.isEmpty()) {
      return "<p class=\"quiet\">None yet. Break something and open the page.</p>";
    }
    return incidents.stream()
        .map(PanelPage::line)
        .collect(Collectors.joining("", "<ul class=\"incidents\">", "</ul>"));
  }

  private static String line(IncidentLine incident) {
    return "<li><b>%s</b><code>%s</code><span class=\"tag %s\">%s</span><time>%s</time></li>"
        .formatted(
            Html.escaped(incident.title()),
            Html.escaped(incident.cause()),
            incident.state().equals("open") ? "open-now" : "over",
            Html.escaped(incident.state()),
            Html.escaped(incident.since()));
  }

  private String address(String path) {
    return Html.escaped(ports.gatewayAddress().resolve(path).toString());
  }
}
