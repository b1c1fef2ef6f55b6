// The microphone's sound as 16-bit samples, 40 ms a message.

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = Math.round(sampleRate * 0.04);
    this.held = new Int16Array(this.size);
    this.filled = 0;
    this.power = 0;
  }

  process([input]) {
    const samples = input[0];
    if (!samples) return true;
    for (const sample of samples) {
      this.power += sample * sample;
      this.held[this.filled] = Math.max(-1, Math.min(1, sample)) * 32767;
      this.filled += 1;
      if (this.filled === this.size) {
        const sound = this.held.buffer;
        this.port.postMessage({ sound, level: Math.sqrt(this.power / this.size) }, [sound]);
        this.held = new Int16Array(this.size);
        this.filled = this.power = 0;
      }
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
