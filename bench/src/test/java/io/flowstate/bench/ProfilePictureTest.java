package io.flowstate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

final class ProfilePictureTest {
    /** Widths are written with two decimals. */
    private static final double ROUNDING = 0.01 * OperatorClass.values().length;

    private static final KernelTimes BEFORE =
            new KernelTimes(Map.of("Gemm", 750_000L, "FusedMatMul", 700_000L, "Conv", 640_000L, "Mul", 410_000L));
    private static final KernelTimes AFTER =
            new KernelTimes(Map.of("Gemm", 740_000L, "MultiHeadAttention", 520_000L, "Conv", 615_000L));

    private final Document picture = draw();

    ProfilePictureTest() throws Exception {}

    @Test
    void the_parts_of_a_window_lie_end_to_end_and_add_up_to_it() {
        List<Element> before = barsOf("before").subList(0, OperatorClass.values().length);

        double end = number(before.getFirst(), "x");
        for (Element part : before) {
            assertThat(number(part, "x")).isCloseTo(end, within(ROUNDING));
            end += number(part, "width");
        }
        assertThat(totalWidth("after") / totalWidth("before"))
                .as("1875 of 2500 ms")
                .isCloseTo(0.75, within(1e-3));
    }

    @Test
    void the_bars_of_the_classes_add_up_to_the_window_too_and_begin_at_zero() {
        for (String graph : List.of("before", "after")) {
            List<Element> bars = barsOf(graph);
            List<Element> classes = bars.subList(OperatorClass.values().length, bars.size());

            assertThat(classes).extracting(bar -> bar.getAttribute("x")).containsOnly("260");
            assertThat(classes.stream().mapToDouble(bar -> number(bar, "width")).sum())
                    .isCloseTo(totalWidth(graph), within(ROUNDING));
        }
    }

    @Test
    void every_class_is_named_and_every_bar_has_its_figure() {
        List<String> texts = texts();

        assertThat(texts).contains("before", "after", "2500", "1875");
        for (OperatorClass each : OperatorClass.values()) {
            assertThat(texts).contains(each.title);
        }
        assertThat(texts.subList(texts.indexOf("attention"), texts.indexOf("attention") + 3))
                .containsExactly("attention", "700", "520");
    }

    @Test
    void what_was_before_is_paler() {
        assertThat(barsOf("before"))
                .extracting(bar -> bar.getAttribute("opacity"))
                .containsOnly(".45");
        assertThat(barsOf("after"))
                .extracting(bar -> bar.getAttribute("opacity"))
                .containsOnly("1");
    }

    private static Document draw() throws Exception {
        Map<String, KernelTimes> profiles = new LinkedHashMap<>();
        profiles.put("before", BEFORE);
        profiles.put("after", AFTER);
        String svg = ProfilePicture.of(profiles);
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private double totalWidth(String graph) {
        return barsOf(graph).subList(0, OperatorClass.values().length).stream()
                .mapToDouble(bar -> number(bar, "width"))
                .sum();
    }

    private List<Element> barsOf(String graph) {
        return elements("rect").stream()
                .filter(bar -> bar.getTextContent().contains(", " + graph + ": "))
                .toList();
    }

    private List<String> texts() {
        return elements("text").stream().map(Element::getTextContent).toList();
    }

    private List<Element> elements(String tag) {
        NodeList found = picture.getElementsByTagName(tag);
        return IntStream.range(0, found.getLength())
                .mapToObj(found::item)
                .map(Element.class::cast)
                .toList();
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }
}
