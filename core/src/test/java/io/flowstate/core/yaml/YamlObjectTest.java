package io.flowstate.core.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class YamlObjectTest {
    private final Problems problems = new Problems();

    @Test
    void every_kind_of_value_is_read() {
        YamlObject root = read("""
                text: some words
                flag: true
                count: 1_000
                ratio: 0.25
                wait: 1.5s
                room: 2 GiB
                day: 2026-01-31
                stem: vocals
                """);

        assertThat(root.text("text")).contains("some words");
        assertThat(root.flag("flag")).contains(true);
        assertThat(root.integer("count", 1, 1000)).contains(1000L);
        assertThat(root.decimal("ratio", 0, 1)).contains(new BigDecimal("0.25"));
        assertThat(root.duration("wait")).contains(Duration.ofMillis(1500));
        assertThat(root.size("room")).contains(2L << 30);
        assertThat(root.date("day")).contains(LocalDate.of(2026, 1, 31));
        assertThat(root.value("stem", Stem::of)).contains(Stem.VOCALS);
        root.done();
        assertThat(problems.all()).isEmpty();
    }

    @Test
    void every_wrong_value_is_reported_with_its_place_and_all_are_reported_together() {
        YamlObject root = read("""
                flag: yes
                count: 1001
                whole: 1.5
                ratio: 1.01
                wait: 30 sec
                room: 2 GB
                day: 31.1.2026
                stem: vocal
                text: [a, b]
                list: {a: b}
                map: words
                maps: [words]
                """);

        assertThat(root.flag("flag")).isEmpty();
        root.integer("count", 1, 1000);
        root.integer("whole", 1, 1000);
        root.decimal("ratio", 0, 1);
        root.duration("wait");
        root.size("room");
        root.date("day");
        root.value("stem", Stem::of);
        root.text("text");
        root.words("list");
        root.object("map");
        root.objectList("maps");

        assertThat(problems.all())
                .containsExactly(
                        "flowstate.yaml:1:7 flag: must be true or false, was \"yes\"",
                        "flowstate.yaml:2:8 count: must be a whole number 1..1000, was \"1001\"",
                        "flowstate.yaml:3:8 whole: must be a whole number 1..1000, was \"1.5\"",
                        "flowstate.yaml:4:8 ratio: must be a number 0..1, was \"1.01\"",
                        "flowstate.yaml:5:7 wait: must be a duration like 30s, 5m or 250ms, was \"30 sec\"",
                        "flowstate.yaml:6:7 room: must be a size like 512 MiB, was \"2 GB\"",
                        "flowstate.yaml:7:6 day: must be a date like 2026-01-31, was \"31.1.2026\"",
                        "flowstate.yaml:8:7 stem: There is no stem \"vocal\"."
                                + " Valid names: drums, bass, other, vocals, guitar, piano.",
                        "flowstate.yaml:9:7 text: must be a single value",
                        "flowstate.yaml:10:7 list: must be a list",
                        "flowstate.yaml:11:6 map: must be a mapping of keys to values",
                        "flowstate.yaml:12:8 maps[0]: must be a mapping of keys to values");
        assertThatThrownBy(problems::throwIfAny)
                .asInstanceOf(type(FlowError.class))
                .satisfies(
                        error -> assertThat(error.code()).isEqualTo(Code.BAD_CONFIG),
                        error -> assertThat(error.message()).isEqualTo(String.join("\n", problems.all())),
                        error -> assertThat(error.advice()).contains("Correct the lines above; nothing was started."));
    }

    @Test
    void what_is_missing_is_reported_where_it_should_stand() {
        YamlObject root = read("""
                server:
                  port:
                  name: " "
                """);

        YamlObject server = root.object("server");
        server.required("port", server.integer("port", 1, 65_535));
        server.requiredText("name");
        server.requiredFlag("open");
        server.requiredValue("stem", Stem::of);
        server.object("tls").requiredText("key");

        assertThat(server.has("port")).isFalse();
        assertThat(problems.all())
                .containsExactly(
                        "flowstate.yaml:2:8 server.port: is missing",
                        "flowstate.yaml:3:9 server.name: must not be empty",
                        "flowstate.yaml:2:3 server.open: is missing",
                        "flowstate.yaml:2:3 server.stem: is missing",
                        "flowstate.yaml:2:3 server.tls.key: is missing");
    }

    @Test
    void an_empty_file_is_an_empty_mapping_that_still_has_a_place() {
        YamlObject root = read("# nothing but a comment\n");

        root.requiredText("name");

        assertThat(root.keys()).isEmpty();
        assertThat(problems.all()).containsExactly("flowstate.yaml:1:1 name: is missing");
    }

    @Test
    void an_unknown_key_is_answered_with_the_one_that_was_meant_or_with_all() {
        YamlObject root = read("""
                prot: 1
                colour: blue
                """);

        root.integer("port", 1, 9);
        root.text("host");
        root.done();

        assertThat(problems.all())
                .containsExactly(
                        "flowstate.yaml:1:1 prot: is not known; did you mean port?",
                        "flowstate.yaml:2:1 colour: is not known; known here: port, host");
    }

    @Test
    void a_key_that_is_given_twice_is_found_at_any_depth() {
        read("""
                a: 1
                b:
                  - c: {d: 1, d: 2}
                a: 2
                """);

        assertThat(problems.all())
                .containsExactly(
                        "flowstate.yaml:3:15 b[0].c.d: is given twice", "flowstate.yaml:4:1 a: is given twice");
    }

    @Test
    void what_is_not_yaml_is_reported_at_the_place_where_it_breaks() {
        assertThat(read("a: [1, 2\nb: 3\n").keys()).isEmpty();
        assertThat(read("a: \u0000\n").keys()).isEmpty();
        assertThat(read("just words").keys()).isEmpty();
        assertThat(read("a: 1\n---\nb: 2\n").keys()).isEmpty();

        assertThat(problems.all()).hasSize(4);
        assertThat(problems.all().get(0)).startsWith("flowstate.yaml:2:2 is not YAML: expected ',' or ']'");
        assertThat(problems.all().get(1)).startsWith("flowstate.yaml is not YAML: ");
        assertThat(problems.all().get(2)).isEqualTo("flowstate.yaml:1:1 document: must be a mapping of keys to values");
        assertThat(problems.all().get(3)).startsWith("flowstate.yaml:2:1 is not YAML: ");
    }

    @Test
    void an_anchor_that_leads_back_to_itself_does_not_hang() {
        YamlObject root = read("a: &a {b: *a}\n");

        assertThat(root.object("a").object("b").object("b").keys()).containsExactly("b");
    }

    @Test
    void a_file_laid_over_another_merges_mappings_and_keeps_the_place_of_each_value() {
        YamlObject base = YamlObject.parse("base.yaml", """
                price: {usd: 1, source: page}
                stems: [drums, bass]
                """, problems);
        YamlObject over = YamlObject.parse("mine.yaml", """

                price: {usd: nothing}
                stems: [vocals]
                more: {x: 1}
                """, problems);

        YamlObject both = base.overlaidBy(over);
        YamlObject price = both.object("price");
        price.decimal("usd", 0, 9);

        assertThat(price.text("source")).contains("page");
        assertThat(price.place("source")).contains("base.yaml:1:25");
        assertThat(both.words("stems")).containsExactly("vocals");
        assertThat(both.place("stems")).contains("mine.yaml:3:8");
        assertThat(both.objects("more")).containsOnlyKeys("x");
        assertThat(problems.all())
                .containsExactly(
                        "mine.yaml:2:14 price.usd: must be a number 0..9, was \"nothing\"",
                        "mine.yaml:4:11 more.x: must be a mapping of keys to values");
    }

    @Test
    void a_mapping_of_the_base_can_be_replaced_by_a_plain_value_and_the_reader_hears_of_it() {
        YamlObject base = YamlObject.parse("base.yaml", "limits: {max: 1}\n", problems);
        YamlObject over = YamlObject.parse("mine.yaml", "limits: none\n", problems);

        base.overlaidBy(over).object("limits").done();

        assertThat(problems.all()).containsExactly("mine.yaml:1:9 limits: must be a mapping of keys to values");
    }

    @Test
    void a_single_word_counts_as_a_list_of_one_and_a_wrong_item_has_its_own_place() {
        YamlObject root = read("""
                one: drums
                none:
                some: [drums, drum, {a: b}]
                gap:
                  -
                """);

        assertThat(root.words("one")).containsExactly("drums");
        assertThat(root.words("none")).isEmpty();
        assertThat(root.words("absent")).isEmpty();
        assertThat(root.list("some", Stem::of)).containsExactly(Stem.DRUMS);
        assertThat(root.words("gap")).isEmpty();
        assertThat(problems.all()).hasSize(3);
        assertThat(problems.all().get(0)).startsWith("flowstate.yaml:3:15 some: There is no stem \"drum\".");
        assertThat(problems.all().get(1)).isEqualTo("flowstate.yaml:3:21 some: must be a list of words");
        assertThat(problems.all().get(2)).endsWith("gap: must be a list of words");
    }

    @Test
    void a_number_that_is_too_large_is_wrong_and_not_wrapped_round() {
        YamlObject root = read("""
                wait: 99999999999999999999d
                room: 9999999999 TiB
                many: 99999999999999999999
                """);

        root.duration("wait");
        root.size("room");
        root.integer("many", 0, Long.MAX_VALUE);

        assertThat(problems.all()).hasSize(3);
    }

    private YamlObject read(String text) {
        return YamlObject.parse("flowstate.yaml", text, problems);
    }
}
