package io.flowstate.bench;

/** Says of each figure how it does beside its bar, and remembers whether one was missed. */
final class Bars {
    private boolean allMet = true;

    String verdict(double value, double atMost) {
        allMet &= value <= atMost;
        return Bar.verdict(value, atMost);
    }

    boolean allMet() {
        return allMet;
    }
}
